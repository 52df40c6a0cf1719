package io.dmio.app.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.dmio.app.cli.Console;
import io.dmio.app.cli.FileId;
import io.dmio.app.cli.Json;
import io.dmio.app.copy.FailedRanges.Range;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WordsTest {

    @Test
    void jsonEscapesWhatItMust() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("a\"b\\", List.of(1, 2L, 1.5, true, "x\n\t\r\u0001é"));
        map.put("empty", Map.of());
        map.put("none", List.of());
        assertThat(Json.of(map))
                .isEqualTo("{\"a\\\"b\\\\\":[1,2,1.5,true,\"x\\n\\t\\r\\u0001\\u00e9\"],\"empty\":{},\"none\":[]}");
    }

    @Test
    void jsonRefusesWhatItDoesNotHave() {
        assertThatIllegalArgumentException().isThrownBy(() -> Json.of(Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> Json.of(new Object()));
    }

    @Test
    void rangesThatTouchBecomeOne() {
        FailedRanges ranges = new FailedRanges();
        ranges.add(16, 8);
        ranges.add(0, 8);
        assertThat(ranges.list()).containsExactly(new Range(0, 8), new Range(16, 8));
        ranges.add(8, 8);
        ranges.add(40, 0);
        assertThat(ranges.list()).containsExactly(new Range(0, 24));
    }

    @Test
    void rangesHoldExactlyTheSectorsAdded() {
        long seed = Long.getLong("dmio.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 200; round++) {
            FailedRanges ranges = new FailedRanges();
            BitSet model = new BitSet();
            for (int i = random.nextInt(20); i >= 0; i--) {
                int from = random.nextInt(100);
                int count = random.nextInt(10);
                ranges.add(from, count);
                model.set(from, from + count);
            }
            BitSet found = new BitSet();
            ranges.list().forEach(range -> found.set((int) range.sector(), (int) range.end()));
            assertThat(found).as("-Ddmio.seed=%d", seed).isEqualTo(model);
            for (int i = 1; i < ranges.list().size(); i++) {
                assertThat(ranges.list().get(i).sector())
                        .isGreaterThan(ranges.list().get(i - 1).end());
            }
        }
    }

    @Test
    void manyRangesAreNamedByTheFirstFew() {
        List<Range> ranges =
                List.of(new Range(0, 1), new Range(2, 1), new Range(4, 1), new Range(6, 1), new Range(8, 1));
        assertThat(FailedRanges.words(ranges)).isEqualTo("sectors [0, 1) [2, 3) [4, 5) and 2 more ranges");
    }

    @Test
    void deviceNumbersAreUnpackedAsGlibcPacksThem() {
        assertThat(FileId.deviceNumber(0x801)).isEqualTo("8:1");
        assertThat(FileId.deviceNumber(0x10_fd_00)).isEqualTo("253:256");
        assertThat(FileId.deviceNumber(0x1000_0000_0801L)).isEqualTo("4104:1");
    }

    @Test
    void theFirstLocaleVariableThatIsSetDecidesAboutUnicode() {
        assertThat(Console.unicode(Map.of("LANG", "en_GB.UTF-8"))).isTrue();
        assertThat(Console.unicode(Map.of("LANG", "C.utf8", "LC_ALL", "C"))).isFalse();
        assertThat(Console.unicode(Map.of("LANG", "C", "LC_ALL", "", "LC_CTYPE", "C.UTF-8")))
                .isTrue();
        assertThat(Console.unicode(Map.of())).isFalse();
    }
}
