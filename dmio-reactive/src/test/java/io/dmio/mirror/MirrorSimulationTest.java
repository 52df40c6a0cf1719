package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.harness.DropsErrors;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetector.Level;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Thousands of histories of a mirror, each from a seed, none of which may lose what was acknowledged. {@code -Dsim.seeds=N}
 * runs more, {@code -Dsim.first=} others, {@code -Dsim.seed=} one; docs/testing.md has the commands.
 */
class MirrorSimulationTest {

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
        List<SimulationRun.Failure> failures = one == null
                ? SimulationRun.run(Long.getLong("sim.first", 0), Long.getLong("sim.seeds", 800), Set.of())
                : SimulationRun.run(one, 1, Set.of());
        assertThat(failures).extracting(SimulationRun.Failure::history).isEmpty();
    }

    /** Later histories have streams of writes in all of them, or legs that come and go and bits that rot, or a danger. */
    @ParameterizedTest
    @CsvSource({
        "1000000, 400",
        "2000000, 400",
        "21000000, 150",
        "22000000, 100",
        "23000000, 40",
        "24000000, 40",
        "25000000, 40",
        "26000000, 60",
        "27000000, 40",
        "28000000, 60",
        "29000000, 40",
        "30000000, 40",
        "31000000, 30",
        "32000000, 30",
        "33000000, 30",
        "34000000, 60",
        "35000000, 40",
        "36000000, 40"
    })
    void noLaterHistoryDoes(long first, long count) {
        assertThat(SimulationRun.run(first, count, Set.of()))
                .extracting(SimulationRun.Failure::history)
                .isEmpty();
    }

    /** Each failed once; what was wrong is in docs/testing.md. */
    @ParameterizedTest
    @ValueSource(
            longs = {
                0, 175, 334, 838, 1392, 5540, 7102, 9082, 11295, 29232, 41098, 103033, 1075629, 2002751, 2046373,
                2047596, 2058418, 3008244, 3099233, 5032834, 21000000, 21000001, 22000015, 22000023, 22000026, 22000108,
                23000001, 25000000, 1000182, 1000537, 2000368, 21000559, 26002053, 28000004, 28000064, 28000076,
                31000006, 31000022, 31000089, 31000105, 31000230, 31001219, 31001602, 32000010, 32000096, 32000706,
                32001041, 21100128, 21100129, 21101127, 21101918, 24100074, 24100786, 24102013, 29100651, 30100893,
                24201050, 24201000, 24000160, 24203147, 32100375, 32101159, 32101223, 30202260, 30202650, 34000065,
                34000134, 34000234, 34001159, 34001196, 34300964, 34301605, 34306614, 35001287, 26300508, 26301042,
                30301694, 30300762, 34307233, 21301078, 30400205, 30410000, 30410950, 35410905, 35410672, 35420123,
                32440484, 32440949, 32441004, 32440592, 30440651, 32440551, 2440840, 22460055, 36440790, 31642142,
                24643157, 32679250, 21683856, 35671868, 35680513, 35007001, 32706340, 32706447, 28710046
            })
    void aSeedThatFailedOnceFailsNoMore(long seed) {
        assertThat(SimulationRun.run(seed, 1, Set.of()))
                .extracting(SimulationRun.Failure::history)
                .isEmpty();
    }

    /** Writes that arrive later than the grace that a leg has are what no mirror can fence. */
    @Test
    void aLegThatComesBackBeforeItsLateWritesIsCaught() {
        assertThat(SimulationRun.firstFailure(Danger.NO_GRACE_FROM + 640, 360, Set.of()))
                .isPresent();
    }

    /**
     * A simulation that cannot fail proves nothing: with each rule switched off, it does, within so many histories. The first one named
     * is one that does; it is another when a mirror's times change, and the next ones are looked through then.
     */
    @ParameterizedTest
    @CsvSource({
        "MARK_BEFORE_WRITE, 0, 100",
        "FLUSH_BEFORE_CLEAR, 0, 100",
        "RECORD_BEFORE_ANSWER, 26000270, 730",
        "ASK_WHO_RETURNS, 21000000, 100",
        "SPOIL_WHAT_FAILED, 24000234, 400",
        "FLUSH_AT_START, 27000000, 200",
        "NO_STALE_READ, 0, 100",
        "SERIAL_OVERLAPS, 0, 100",
        "CHOOSE_BEFORE_START, 0, 100",
        "FORGET_AFTER_RECORD, 28005752, 1",
        "ASK_WHO_IS_BEHIND, 21100120, 20",
        "NOTE_BEFORE_REPAIR, 24100235, 400",
        "DOUBT_WHAT_IS_UNFLUSHED, 34000000, 200",
        "TELL_OF_EACH_LOSS, 34000029, 400",
        "DOUBT_AFTER_FORCED_WRITES, 34000368, 400",
        "DOUBT_THE_ONLY_LEG, 34000057, 400",
        "ASK_WHO_OWNS, 31000000, 40",
        "ACT_AS_OWNER_ONLY, 31000000, 40",
        "COUNT_WHO_IS_OUT, 36000000, 20",
        "BRING_IN_WHO_IS_OUT, 32003760, 1"
    })
    @DropsErrors("what fails in a callback is kept, and thrown by the next step")
    void aBrokenRuleIsCaught(Rule rule, long first, long most) {
        long seed = SimulationRun.firstFailure(first, most, Set.of(rule))
                .orElseThrow()
                .seed();
        assertThat(SimulationRun.run(seed, 1, Set.of())).isEmpty();
    }
}
