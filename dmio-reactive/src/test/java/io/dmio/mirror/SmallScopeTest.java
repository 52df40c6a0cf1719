package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.mirror.SmallEvent.Kind;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetector.Level;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every history of one event of a mirror of two legs and one chunk, with the power going before each operation of a disk;
 * docs/testing.md has the command for longer ones.
 */
class SmallScopeTest {

    private static final Level LEVEL = ResourceLeakDetector.getLevel();
    private static final int[] SCOPE = {2, 1, 1};

    @BeforeAll
    static void watchBuffersLess() {
        ResourceLeakDetector.setLevel(Level.DISABLED);
    }

    @AfterAll
    static void watchBuffersAgain() {
        ResourceLeakDetector.setLevel(LEVEL);
    }

    @Test
    void noShortHistoryFails() {
        SmallScope all = new SmallScope(SCOPE, Set.of());
        all.run(Long.MAX_VALUE, () -> {});
        assertThat(all.failure()).isNull();
        assertThat(all.states()).isGreaterThan(10);
    }

    @Test
    void anOperatorsWordThatThePowerCutsShortLeavesNoLegsThatDiffer() {
        SmallScope trusted = new SmallScope(new int[] {2, 1, 3}, Set.of()).only(Kind.WRITE, Kind.TRUST);
        trusted.run(Long.MAX_VALUE, () -> {});
        assertThat(trusted.failure()).isNull();
    }

    @Test
    void whatAnOperatorTrustsIsOnRecordBeforeItsBitsAre() {
        SmallScope trusted = new SmallScope(new int[] {2, 1, 3}, Set.of(Rule.RECORD_TRUST_FIRST));
        trusted.only(Kind.WRITE, Kind.TRUST).run(Long.MAX_VALUE, () -> {});
        assertThat(trusted.failure()).contains("TRUST").contains("legs differ");
    }

    @Test
    void aLegIsNoOlderCopyAfterThePowerEndedABatchAndTheStartAfterIt() {
        SmallScope twice = doubtful(Set.of());
        assertThat(twice.failure()).isNull();
    }

    @Test
    void aLegThatIsBehindCatchesUpBeforeTheOthersGoOn() {
        assertThat(doubtful(Set.of(Rule.CATCH_UP_FIRST)).failure()).contains("does not start");
    }

    @Test
    void recordsAndBatchesCatchUpEachForThemselves() {
        SmallScope all = new SmallScope(new int[] {2, 1, 4}, Set.of())
                .after(SmallEvent.of(Kind.REMOVE, 0))
                .only(Kind.ADD, Kind.START);
        all.run(Long.MAX_VALUE, () -> {});
        assertThat(all.failure()).isNull();
    }

    @Test
    void aLegThatFailsAsItRecordsThatTheOtherIsGoneDoesNotStartWithoutWhatWasWrittenSince() {
        SmallScope all = new SmallScope(SmallSetup.of(2, 1, List.of("failing")), 4)
                .only(Kind.REMOVE, Kind.FORCE, Kind.HEAL, Kind.START)
                .failingOnlyIn(Kind.REMOVE);
        all.run(Long.MAX_VALUE, () -> {});
        assertThat(all.failure()).isNull();
    }

    @Test
    void aLegThatDoesNotKnowYetThatItLacksNothingDoesNotStandInForTheOneThatDoes() {
        SmallScope all = new SmallScope(SmallSetup.of(2, 1, List.of("failing")), 3)
                .only(Kind.FORCE, Kind.START)
                .failingOnlyIn(Kind.START);
        all.run(Long.MAX_VALUE, () -> {});
        assertThat(all.failure()).isNull();
    }

    // The only leg fails a write, so that the new one has what it may lack; the power goes as the new one comes in, and
    // in the start after.
    private static SmallScope doubtful(Set<Rule> broken) {
        SmallScope all = new SmallScope(new int[] {2, 1, 2}, broken)
                .after(
                        SmallEvent.of(Kind.REMOVE, 1),
                        SmallEvent.of(Kind.FAIL, 0),
                        SmallEvent.of(Kind.WRITE, 0),
                        SmallEvent.of(Kind.WRITE, 0),
                        SmallEvent.of(Kind.HEAL, 0))
                .only(Kind.ADD, Kind.START);
        all.run(Long.MAX_VALUE, () -> {});
        return all;
    }

    @Test
    void aBrokenRuleIsCaughtInAShortHistory() {
        SmallScope all = new SmallScope(SCOPE, Set.of(Rule.MARK_BEFORE_WRITE));
        all.run(Long.MAX_VALUE, () -> {});
        assertThat(all.failure()).contains("WRITE 0 cut").contains("legs differ");
    }
}
