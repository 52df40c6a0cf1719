package io.dmio.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.testkit.Seed;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/** Runs of sectors against a set of bits. */
@ExtendWith(Seed.class)
class SectorRangesTest {

    @RepeatedTest(50)
    void runsAreTheSectorsAddedJoinedAndAscending(RepetitionInfo repetition) {
        SplittableRandom random = Seed.random("ranges " + repetition.getCurrentRepetition());
        SectorRanges ranges = new SectorRanges();
        BitSet model = new BitSet();
        for (int i = random.nextInt(30); i >= 0; i--) {
            int start = random.nextInt(100);
            int end = start + 1 + random.nextInt(10);
            ranges.add(start, end);
            model.set(start, end);
        }
        List<String> expected = new ArrayList<>();
        for (int start = model.nextSetBit(0); start >= 0; start = model.nextSetBit(model.nextClearBit(start))) {
            expected.add(start + "-" + model.nextClearBit(start));
        }
        List<String> found = new ArrayList<>();
        ranges.forEach((start, end) -> found.add(start + "-" + end));
        assertThat(found).isEqualTo(expected);
    }
}
