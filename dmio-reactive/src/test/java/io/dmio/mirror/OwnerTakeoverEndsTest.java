package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a takeover ends: nobody acts beside another, and nothing is left of it. */
class OwnerTakeoverEndsTest extends TakeoverFixture {

    private final Set<String> ends = new HashSet<>(); // where cancels met a takeover

    private static Fault delayed(int millis) {
        return Fault.delayed(Duration.ofMillis(millis));
    }

    /** Returns a takeover that was cancelled at that operation, or after that time, or had ended before. */
    private Party cancelled(boolean heldUp, int op, int millis) {
        Party first = owner();
        if (heldUp) {
            first.pause();
        }
        Party second = party("beta", 0, 1).cancelledAt(op);
        if (op == 0) {
            second.plan(FaultPlan.of(delayed(45)));
        }
        second.opens(takingOver());
        passChecked(Duration.ofMillis(millis));
        if (op == 0) {
            second.cancel();
        }
        passChecked(Duration.ofSeconds(18).minusMillis(millis));
        if (heldUp) {
            first.goOn();
        }
        passChecked(Duration.ofSeconds(2));
        boolean taken = mark(0).owner().host().equals("beta");
        assertThat(first.isLost()).isEqualTo(taken);
        assertThat(first.mayAct()).isEqualTo(!taken);
        if (!second.isDone()) {
            assertThat(second.closed).isEqualTo(2);
            nextGetsTheLegs(taken);
        }
        nothingIsLeft();
        return second;
    }

    /** It waits as after a crash if the old owner could still act. */
    private void nextGetsTheLegs(boolean taken) {
        boolean open = mark(0).owner().open();
        ends.add(taken ? open ? "waited" : "owned" : "looked");
        if (taken) {
            Party third = party("gamma", 0, 1).opens(asUsual());
            passChecked(open ? WATCH.plusSeconds(1) : Duration.ofSeconds(1));
            assertThat(third.mayAct()).isTrue();
        }
    }

    @Test
    void aTakeoverThatIsCancelledAtAnyOperationLeavesTheOldOwnerAloneOrEndsIt() {
        int op = 1;
        while (!cancelled(op % 2 == 0, op, 0).isDone()) {
            op++;
        }
        assertThat(op).isGreaterThan(20);
        assertThat(ends).containsOnly("looked", "waited", "owned");
    }

    @Test
    void aTakeoverThatIsCancelledAtAnyTimeLeavesTheOldOwnerAloneOrEndsIt() {
        int millis = 0;
        while (!cancelled(millis % 20 == 0, 0, millis).isDone()) {
            millis += millis < 1_000 || millis > WATCH.toMillis() ? 70 : 510;
        }
        assertThat(millis).isBetween(12_000, 16_000);
        assertThat(ends).containsOnly("looked", "waited", "owned");
    }

    /** A read takes so long, and a mark on each leg, for the first and for the second, which comes at many moments. */
    @ParameterizedTest
    @ValueSource(strings = {"0 0 0 0 0", "45 45 45 45 45", "10 10 300 10 300", "0 60 120 120 60", "0 60 180 180 60"})
    void ofTwoTakeoversAtMostOneActsAndALaterStartGetsTheLegs(String times) {
        int[] millis = Stream.of(times.split(" ")).mapToInt(Integer::parseInt).toArray();
        int owned = 0;
        int longest = IntStream.of(millis).max().orElseThrow();
        for (int i = 0; i < 24; i++) {
            long offset = i < 18 ? (longest + 5) * i / 6 : (i - 17) * 1_270L;
            owned += ofTwo(millis, offset);
        }
        assertThat(owned).isGreaterThan(18);
    }

    private int ofTwo(int[] millis, long offset) {
        Party first = owner();
        passChecked(Duration.ofMillis(offset * 37 % 1_000));
        boolean heldUp = offset % 2 == 0;
        if (heldUp) {
            first.pause();
        }
        Party second = party("beta", 0, 1);
        Party third = party("gamma", 0, 1);
        Fault reads = delayed(millis[0]).on(BlockOp.Kind.READ);
        for (int leg = 0; leg < 2; leg++) {
            second.faulty.get(leg).plan(reads, delayed(millis[1 + leg]).on(BlockOp.Kind.WRITE));
            third.faulty.get(leg).plan(reads, delayed(millis[3 + leg]).on(BlockOp.Kind.WRITE));
        }
        second.opens(takingOver());
        passChecked(Duration.ofMillis(offset));
        third.opens(takingOver());
        untilDone(second, third);
        boolean owned = second.mayAct() || third.mayAct();
        if (!owned) {
            assertThat(second.refusal()).hasMessageContaining("open elsewhere");
            assertThat(third.refusal()).hasMessageContaining("open elsewhere");
        }
        Party fourth = party("delta", 0, 1).opens(owned ? takingOver() : asUsual());
        untilDone(fourth);
        assertThat(fourth.mayAct()).as("after %d ms", offset).isTrue();
        passChecked(Duration.ofSeconds(1));
        if (heldUp) {
            first.goOn();
        }
        passChecked(WATCH);
        nothingIsLeft();
        return owned ? 1 : 0;
    }
}
