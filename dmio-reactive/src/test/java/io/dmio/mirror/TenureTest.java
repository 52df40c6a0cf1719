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

    private static final OwnerTerms SLOW = new OwnerTerms(10, 5, 4);

    private static final OwnerTerms SMALL = new OwnerTerms(1, 4, 2);

    @Test
    void aFirstMarkHasToStandBeforeItsOwnerActs() {
        Tenure taken = Tenure.taking(TERMS).beaten(2, 10);
        assertThat(taken.state()).isEqualTo(State.PROVING);
        assertThat(taken.confirmed(29).state()).isEqualTo(State.PROVING);
        Tenure held = taken.confirmed(30);
        assertThat(held.mayAct(30)).isTrue();
        assertThat(held.mayAct(41)).isTrue();
        assertThat(held.mayAct(42)).isFalse(); // 40 after it began to look
    }

    @Test
    void whoWasSlowFromLookToMarkWaitsAsLongAsForAnOwner() {
        Tenure slow = Tenure.taking(TERMS).beaten(0, 11);
        assertThat(slow.confirmed(60).state()).isEqualTo(State.PROVING);
        assertThat(slow.confirmed(61).state()).isEqualTo(State.HOLDING);
        assertThat(slow.confirmed(61).mayAct(61)).isFalse();
    }

    @Test
    void whoIsAlwaysSlowWritesItsMarkAnewOnceAndActsWhenItIsProven() {
        Tenure slow = Tenure.taking(SLOW).beaten(0, 5); // acts for 40, has to stand for 50, a beat takes 30 at most
        assertThat(slow.pauseNanos(5)).isEqualTo(31);
        assertThat(slow.isSettling(35)).isTrue();
        assertThat(slow.isSettling(36)).isFalse();
        Tenure anew = slow.confirmed(36).beaten(36, 41);
        assertThat(anew.pauseNanos(41)).isEqualTo(14);
        assertThat(anew.confirmed(54).state()).isEqualTo(State.PROVING);
        assertThat(anew.confirmed(55).mayAct(60)).isTrue();
    }

    @Test
    void aMarkThatIsWrittenAnewTooSoonTooSlowlyOrTooLateHasToStandAsLongAgain() {
        Tenure slow = Tenure.taking(SLOW).beaten(0, 5);
        assertThat(slow.beaten(36, 49).provenNanos()).isEqualTo(55);
        assertThat(slow.beaten(35, 40).provenNanos())
                .isEqualTo(90); // somebody may have looked before it, and written since
        assertThat(slow.beaten(36, 50).provenNanos()).isEqualTo(100); // somebody may have waited for it
        Tenure hasty = Tenure.taking(new OwnerTerms(10, 3, 4)).beaten(0, 5); // acts for 20, a beat takes 10 at most
        assertThat(hasty.beaten(16, 27).provenNanos()).isEqualTo(57);
    }

    @Test
    void aBeatThatTakesTooLongBeginsAnewThoughItIsInTime() {
        Tenure held = Tenure.taking(TERMS).beaten(0, 10).confirmed(30);
        assertThat(held.beaten(31, 39).state()).isEqualTo(State.HOLDING);
        Tenure again = held.beaten(31, 32);
        assertThat(again.beaten(33, 63).state()).isEqualTo(State.HOLDING);
        assertThat(again.beaten(33, 64).state()).isEqualTo(State.PROVING);
    }

    @Test
    void aBeatInTimeGoesOnAndOneThatIsLateBeginsAnew() {
        Tenure held = Tenure.taking(TERMS).beaten(2, 10).confirmed(30);
        assertThat(held.beaten(40, 41).mayAct(79)).isTrue();
        assertThat(held.beaten(40, 41).mayAct(80)).isFalse();
        Tenure late = held.beaten(40, 42);
        assertThat(late.state()).isEqualTo(State.PROVING);
        assertThat(late.mayAct(43)).isFalse();
        assertThat(late.confirmed(62).mayAct(62)).isTrue();
    }

    @Test
    void whoLostItOrClosedItNeverActsAgain() {
        Tenure held = Tenure.taking(TERMS).beaten(2, 10).confirmed(30);
        for (Tenure over : List.of(held.seesOther(), held.closed())) {
            assertThat(over.mayAct(30)).isFalse();
            assertThatThrownBy(() -> over.beaten(30, 31)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> over.confirmed(30)).isInstanceOf(IllegalStateException.class);
        }
    }

    /** All of them, up to so many steps: legs, processes, how often each opens, and beats of each. More by hand. */
    @ParameterizedTest
    @CsvSource({"1, 2, 1, 2", "1, 2, 2, 1"})
    void noTwoActAtOnceInAnyOrderOfTheirSteps(int legs, int processes, int opens, int beats) {
        OwnershipModel model =
                new OwnershipModel(SMALL, SMALL.watchNanos(), legs, new int[] {processes, opens, beats}).upTo(5);
        assertThat(model.search().map(way -> String.join("\n", way))).isEmpty();
        assertThat(model.states()).isGreaterThan(10_000);
        if (beats > 1) {
            assertThat(model.acting()).isPositive();
            assertThat(model.closed()).isPositive();
        }
    }

    /** With legs that are never quick, so that a mark is written anew before it is proven. */
    @Test
    void noTwoActAtOnceWhereAllAreSlow() {
        OwnerTerms slow = new OwnerTerms(2, 3, 1);
        OwnershipModel model = new OwnershipModel(slow, slow.watchNanos(), 1, new int[] {2, 1, 3}).upTo(3);
        assertThat(model.search().map(way -> String.join("\n", way))).isEmpty();
        assertThat(model.acting()).isGreaterThan(100_000);
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
        OwnerTerms hasty = new OwnerTerms(1, 4, 1);
        int[] bounds = {2, 2, 2};
        assertThat(new OwnershipModel(hasty, hasty.watchNanos(), 1, bounds)
                        .upTo(2)
                        .believingTheDead()
                        .search())
                .isPresent();
        assertThat(new OwnershipModel(hasty, hasty.watchNanos(), 1, bounds)
                        .upTo(2)
                        .search())
                .isEmpty();
    }

    /** It acts until its lease ends if it is slow to look, or begins to look just before the new mark is there. */
    @Test
    void whoTakesTheLegsFromOneThatRunsWaitsUntilThatOneDoesNotActAnyMore() {
        int[] bounds = {2, 1, 3};
        assertThat(new OwnershipModel(SMALL, SMALL.watchNanos(), 1, bounds)
                        .upTo(3)
                        .takingOver((int) SMALL.watchNanos())
                        .search())
                .isEmpty();
        assertThat(new OwnershipModel(SMALL, SMALL.watchNanos(), 1, bounds)
                        .upTo(3)
                        .takingOver((int) SMALL.leaseNanos() - 1)
                        .search())
                .isPresent();
    }

    /** It may have been written over the mark of one that acts for longer, as docs/mirror.md says. */
    @Test
    void ifASlowFirstMarkIsOfOneThatWaitsForLessThanTheOtherActsTwoDo() {
        OwnerTerms hasty = new OwnerTerms(2, 3, 1);
        OwnershipModel model = new OwnershipModel(hasty, hasty.watchNanos(), 1, new int[] {2, 1, 3}).upTo(1);
        assertThat(model.lastPromising(new OwnerTerms(2, 5, 1)).search()).isPresent();
        OwnershipModel quick = new OwnershipModel(SMALL, SMALL.watchNanos(), 1, new int[] {2, 2, 2}).upTo(1);
        assertThat(quick.lastPromising(new OwnerTerms(1, 6, 2)).search()).isEmpty();
    }

    /** The one that took over dies, and the next start does not take over. */
    @Test
    void aMarkOverThatOfOneThatActsForLongerPromisesThatToo() {
        OwnerTerms patient = new OwnerTerms(1, 8, 2);
        for (boolean each : new boolean[] {false, true}) {
            OwnershipModel model = new OwnershipModel(patient, patient.watchNanos(), 1, new int[] {2, 2, 2})
                    .upTo(1)
                    .takingOver((int) patient.watchNanos())
                    .lastPromising(SMALL);
            Optional<List<String>> way = (each ? model.speakingForItself() : model).search();
            assertThat(way.isPresent()).isEqualTo(each);
        }
    }

    /** Whoever comes next has to wait for the one whose mark was overwritten, and its mark is all that says so. */
    @Test
    void whoGivesUpTakingTheLegsFromOneThatMayStillActDoesNotSayThatTheyAreFree() {
        int[] bounds = {2, 2, 2};
        for (boolean always : new boolean[] {false, true}) {
            Optional<List<String>> way = new OwnershipModel(SMALL, SMALL.watchNanos(), 1, bounds)
                    .upTo(2)
                    .takingOver((int) SMALL.watchNanos())
                    .givingUp(always)
                    .search();
            assertThat(way.isPresent()).isEqualTo(always);
        }
    }

    private static Optional<List<String>> way(OwnerTerms terms, long watch) {
        return new OwnershipModel(terms, watch, 1, new int[] {2, 1, 2}).search();
    }

    /**
     * {@code interval patience settle age legs processes opens beats [fence] [interval patience]}: looks through more; a look or beat is so
     * old at most, with a fence that is not negative the last process takes over, and its interval and patience may be others.
     */
    public static void main(String[] args) {
        int[] all = List.of(args).stream().mapToInt(Integer::parseInt).toArray();
        OwnerTerms terms = new OwnerTerms(all[0], all[1], all[2]);
        OwnershipModel model =
                new OwnershipModel(terms, terms.watchNanos(), all[4], new int[] {all[5], all[6], all[7]}).upTo(all[3]);
        if (all.length > 8) {
            model.takingOver(all[8]);
        }
        if (all.length > 10) {
            model.lastPromising(new OwnerTerms(all[9], all[10], all[2]));
        }
        Optional<List<String>> way = model.search();
        System.out.printf(
                "%s in %d states, in %d of which somebody acts%n",
                way.map(steps -> String.join("\n", steps)).orElse("none"), model.states(), model.acting());
    }
}
