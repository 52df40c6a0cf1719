package io.dmio.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.cli.ProgressBar.State;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

class ProgressBarTest {

    private static final long MIB = 1 << 20;
    private static final Look ASCII = new Look(true, false, false, 80);
    private static final Look RICH = new Look(true, true, true, 80);

    @Test
    void aBarShowsShareBytesRateAndTimeLeft() {
        String line = ProgressBar.line(new State(50 * MIB, 200 * MIB, 10 * MIB), ASCII);
        assertThat(line).matches("  \\[#+-+]  25%   50\\.0 MiB    10\\.0 MiB/s  ETA 0:15");
    }

    @Test
    void everyLineIsAsWideAsEveryOtherAndFitsTheTerminal() {
        int width = ProgressBar.line(new State(0, 1000 * MIB, 0), ASCII).length();
        assertThat(width).isLessThanOrEqualTo(79);
        for (long done = 0; done <= 1000; done += 7) {
            assertThat(ProgressBar.line(new State(done * MIB, 1000 * MIB, done * 3e4), ASCII))
                    .hasSize(width);
        }
    }

    @Test
    void aNarrowTerminalGetsTheNumbersAlone() {
        assertThat(ProgressBar.line(new State(MIB, 2 * MIB, 1), new Look(true, false, false, 50)))
                .doesNotContain("[")
                .hasSizeLessThan(50);
    }

    @Test
    void withoutColourOrUnicodeItIsAscii() {
        assertThat(ProgressBar.line(new State(MIB, 2 * MIB, 1), ASCII))
                .matches("\\p{ASCII}*")
                .doesNotContain("\u001b");
        assertThat(ProgressBar.line(new State(MIB, 2 * MIB, 1), RICH)).contains("█", "░", "\u001b[32m");
    }

    @Test
    void aStreamOfUnknownLengthHasNoBar() {
        assertThat(ProgressBar.line(new State(5 * MIB, ProgressBar.UNKNOWN, MIB), ASCII))
                .isEqualTo("     5.0 MiB     1.0 MiB/s");
    }

    @Test
    void nothingToCopyIsDone() {
        assertThat(ProgressBar.line(new State(0, 0, 0), ASCII)).contains("100%", "done");
    }

    @Test
    void clocksHaveHoursWhenTheyNeedThem() {
        assertThat(ProgressBar.clock(7)).isEqualTo("0:07");
        assertThat(ProgressBar.clock(754)).isEqualTo("12:34");
        assertThat(ProgressBar.clock(3723)).isEqualTo("1:02:03");
    }

    @Test
    void aSteadyRateIsFoundAtOnceAndAChangeSlowly() {
        RateMeter meter = new RateMeter();
        meter.at(0, 0);
        meter.at(100_000_000, 10 * MIB);
        assertThat(meter.bytesPerSecond()).isEqualTo(100.0 * MIB);
        meter.at(200_000_000, 10 * MIB);
        assertThat(meter.bytesPerSecond()).isBetween(85.0 * MIB, 95.0 * MIB);
        meter.at(200_000_000, 10 * MIB); // no time went by
        assertThat(meter.bytesPerSecond()).isBetween(85.0 * MIB, 95.0 * MIB);
    }

    @Test
    void aTerminalIsRedrawnTenTimesASecond() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        AtomicLong done = new AtomicLong();
        ProgressPrinter.Running running = printer(printed, ASCII, time).start(done::get, 100);
        done.set(50);
        time.advanceTimeBy(Duration.ofSeconds(1));
        running.end();
        running.end();
        String text = printed.toString(StandardCharsets.UTF_8);
        assertThat(text.chars().filter(c -> c == '\r').count()).isEqualTo(11);
        assertThat(text).contains(" 50%", "50 B/s").endsWith("\u001b[K\n");
    }

    @Test
    void aLogGetsALineEveryTwoSecondsAndTheEnd() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        AtomicLong done = new AtomicLong();
        ProgressPrinter.Running running = printer(printed, Look.PLAIN, time).start(done::get, 400);
        done.set(100);
        time.advanceTimeBy(Duration.ofSeconds(2));
        done.set(400);
        time.advanceTimeBy(Duration.ofSeconds(1));
        running.end();
        time.advanceTimeBy(Duration.ofSeconds(9));
        assertThat(printed.toString(StandardCharsets.UTF_8).lines())
                .containsExactly("  25%  100 B  50 B/s  ETA 0:06", "  100%  400 B  133 B/s  done");
    }

    private static ProgressPrinter printer(ByteArrayOutputStream to, Look look, VirtualTimeScheduler time) {
        return new ProgressPrinter(new PrintStream(to, true, StandardCharsets.UTF_8), look, time);
    }
}
