package io.dmio.mirror;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetector.Level;
import java.util.EnumSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Thousands of histories of a mirror, each from a seed, none of which may lose what was acknowledged. */
class MirrorSimulationTest {

    private static final int SEEDS = Integer.getInteger("sim.seeds", 2_000);

    private static final Level LEVEL = ResourceLeakDetector.getLevel();

    // The simulation counts references itself; traces of each of them would make it fifty times slower.
    @BeforeAll
    static void watchBuffersLess() {
        ResourceLeakDetector.setLevel(Level.DISABLED);
    }

    @AfterAll
    static void watchBuffersAgain() {
        ResourceLeakDetector.setLevel(LEVEL);
    }

    @Test
    void noHistoryLosesWhatWasAcknowledged() {
        Long one = Long.getLong("sim.seed");
        long first = Long.getLong("sim.first", 0);
        LongStream seeds = one != null ? LongStream.of(one) : LongStream.range(first, first + SEEDS);
        int[] failed = {0};
        StringBuilder firsts = new StringBuilder();
        seeds.forEach(seed -> {
            try {
                new MirrorSimulation(seed, EnumSet.noneOf(Rule.class)).run();
            } catch (AssertionError failure) {
                if (failed[0]++ < 1) {
                    firsts.append(failure.getMessage());
                } else {
                    firsts.append("\nALSO ")
                            .append(failure.getMessage().lines().findFirst().orElse(""));
                }
            }
        });
        if (failed[0] > 0) {
            throw new AssertionError(failed[0] + " failed: " + firsts);
        }
    }
}
