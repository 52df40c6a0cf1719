package io.dmio.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is drawn fits a narrow terminal, or it would scroll. */
class NarrowTest {

    @ParameterizedTest
    @ValueSource(strings = {"dumb", ""})
    void aTerminalThatKnowsNoEscapesIsWrittenToLineByLine(String terminal) {
        Map<String, String> environment = terminal.isEmpty() ? Map.of() : Map.of("TERM", terminal);
        assertThat(Console.redraws(environment)).isFalse();
        assertThat(Console.redraws(Map.of("TERM", "xterm"))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 41, 50, 60, 80})
    void aBarIsNarrowerThanItsTerminal(int columns) {
        Look look = new Look(true, false, true, columns);
        Random random = new Random(columns);
        for (int i = 0; i < 1000; i++) {
            long total = random.nextInt(8) == 0 ? ProgressBar.UNKNOWN : random.nextLong() >>> (1 + random.nextInt(60));
            long done = total <= 0 ? 12_345 : (long) (random.nextDouble() * total);
            double rate = Math.pow(2, random.nextInt(40));
            assertThat(ProgressBar.line(new ProgressBar.State(done, total, rate), look))
                    .hasSizeLessThan(columns);
        }
    }

    @Test
    void theLastColumnOfATableLosesTheBeginningsOfWhatIsTooLong() {
        Table table = new Table(List.of(Table.Column.ofNumbers("leg"), Table.Column.ofWords("device")));
        table.add(List.of("0", "/srv/mirrors/first/leg.img"));
        table.add(List.of("1", "/dev/sdb"));
        assertThat(table.lines(20)).containsExactly("leg  device", "  0  ..first/leg.img", "  1  /dev/sdb");
        assertThat(table.lines(80)).isEqualTo(table.lines());
    }
}
