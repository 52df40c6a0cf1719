package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.mirror.Tenure.State;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of an owner's life, and that by it no two ever act at once. */
class TenureTest {

    private static final OwnerTerms TERMS = new OwnerTerms(10, 5, 20); // acts for 40, others wait for 50

    private static final OwnerTerms SMALL = new OwnerTerms(1, 4, 2);

    @Test
    void aFirstMarkHasToStandBeforeItsOwnerActs() {
        Tenure taken = Tenure.taking(TERMS).beaten(0, 2, 10);
        assertThat(taken.state()).isEqualTo(State.PROVING);
        assertThat(taken.confirmed(29).state()).isEqualTo(State.PROVING);
        Tenure held = taken.confirmed(30);
        assertThat(held.mayAct(30)).isTrue();
        assertThat(held.mayAct(41)).isTrue();
        assertThat(held.mayAct(42)).isFalse(); // 40 after the mark began to be written
    }

    @Test
    void whoWasSlowFromLookToMarkWaitsAsLongAsForAnOwner() {
        Tenure slow = Tenure.taking(TERMS).beaten(0, 2, 11);
        assertThat(slow.confirmed(60).state()).isEqualTo(State.PROVING);
        assertThat(slow.confirmed(61).state()).isEqualTo(State.HOLDING);
        assertThat(slow.confirmed(61).mayAct(61)).isFalse();
    }

    @Test
    void aBeatInTimeGoesOnAndOneThatIsLateBeginsAnew() {
        Tenure held = Tenure.taking(TERMS).beaten(0, 2, 10).confirmed(30);
        assertThat(held.beaten(40, 40, 41).mayAct(79)).isTrue();
        Tenure late = held.beaten(40, 41, 42);
        assertThat(late.state()).isEqualTo(State.PROVING);
        assertThat(late.mayAct(43)).isFalse();
        assertThat(late.confirmed(62).mayAct(62)).isTrue();
    }

    @Test
    void whoLostItOrClosedItNeverActsAgain() {
        Tenure held = Tenure.taking(TERMS).beaten(0, 2, 10).confirmed(30);
        for (Tenure over : List.of(held.seesOther(), held.closed())) {
            assertThat(over.mayAct(30)).isFalse();
            assertThatThrownBy(() -> over.beaten(30, 30, 31)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> over.confirmed(30)).isInstanceOf(IllegalStateException.class);
        }
    }

    /** All of them, up to so many steps: legs, processes, how often each opens, and beats of each. More by hand. */
    @ParameterizedTest
    @CsvSource({"1, 2, 1, 2", "1, 2, 2, 1"})
    void noTwoActAtOnceInAnyOrderOfTheirSteps(int legs, int processes, int opens, int beats) {
        OwnershipModel model = new OwnershipModel(SMALL, SMALL.watchNanos(), legs, new int[] {processes, opens, beats});
        assertThat(model.search().map(way -> String.join("\n", way))).isEmpty();
        assertThat(model.states()).isGreaterThan(10_000);
        if (beats > 1) {
            assertThat(model.acting()).isPositive();
            assertThat(model.closed()).isPositive();
        }
    }

    @Test
    void withoutTheTimeToSettleTwoDo() {
        assertThat(way(new OwnerTerms(1, 4, 0), 4)).isPresent();
    }

    @Test
    void ifOthersWaitNoLongerThanAnOwnerActsTwoDo() {
        assertThat(way(SMALL, 2)).isPresent();
    }

    /** It may have been written over the mark of one who acts, and has not seen it yet. */
    @Test
    void ifAMarkThatNobodyWasSureOfIsFreeOnceItsWriterIsDeadTwoDo() {
        int[] bounds = {2, 2, 2};
        assertThat(new OwnershipModel(SMALL, SMALL.watchNanos(), 1, bounds)
                        .believingTheDead()
                        .search())
                .isPresent();
    }

    private static Optional<List<String>> way(OwnerTerms terms, long watch) {
        return new OwnershipModel(terms, watch, 1, new int[] {2, 1, 2}).search();
    }

    /** {@code legs processes opens beats}: looks through more. */
    public static void main(String[] args) {
        int[] all = List.of(args).stream().mapToInt(Integer::parseInt).toArray();
        OwnershipModel model =
                new OwnershipModel(SMALL, SMALL.watchNanos(), all[0], new int[] {all[1], all[2], all[3]});
        Optional<List<String>> way = model.search();
        System.out.printf(
                "%s in %d states, in %d of which somebody acts%n",
                way.map(steps -> String.join("\n", steps)).orElse("none"), model.states(), model.acting());
    }
}
