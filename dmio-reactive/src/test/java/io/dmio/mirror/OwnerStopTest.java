package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Sinks;

/** Starts that nobody wants any more before they have the legs: they end at once, and leave these as they were. */
class OwnerStopTest extends TakeoverFixture {

    private final Sinks.Empty<Void> stop = Sinks.empty();

    private Party stoppable(OwnerOptions owner, Fault... faults) {
        return party("beta", 0, 1)
                .plan(FaultPlan.of(faults))
                .opens(options -> options.owner(owner.withStop(stop.asMono())));
    }

    private List<String> content() {
        return disks.stream().map(disk -> disk.sha256(0, DATA + METADATA)).toList();
    }

    /** An owner that is held up, so that its mark does not move. */
    private Party heldUp() {
        Party first = owner();
        passChecked(WATCH);
        return first.pause();
    }

    private void hasEnded(Party second) {
        int ops = second.ops;
        passChecked(WATCH.plusSeconds(5));
        assertThat(second.ops).isEqualTo(ops);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 5_000, 9_900})
    void aStartThatIsCancelledWhileItWaitsForAnotherEndsAtOnceAndChangesNothing(int millis) {
        Party first = heldUp();
        List<String> before = content();
        Party second = party("beta", 0, 1).opens(asUsual());
        passChecked(Duration.ofMillis(millis));
        second.cancel();
        hasEnded(second);
        assertThat(content()).isEqualTo(before);
        first.goOn();
        passChecked(WATCH);
        assertThat(first.mayAct()).isTrue();
        nothingIsLeft();
    }

    @Test
    void aStartThatIsStoppedWhileItWaitsForAnotherIsRefusedAndLeavesTheLegsToWhoGaveThem() {
        Party first = heldUp();
        List<String> before = content();
        Party second = stoppable(OwnerOptions.defaults());
        passChecked(Duration.ofSeconds(5));
        assertThat(second.isDone()).isFalse();
        stop.tryEmitEmpty();
        assertThat(second.refusal().errno()).isEqualTo(Errno.ECANCELED);
        hasEnded(second);
        assertThat(content()).isEqualTo(before);
        first.goOn();
        nothingIsLeft();
    }

    @Test
    void aStartThatIsStoppedBeforeItBeginsDoesNotWait() {
        Party first = heldUp();
        stop.tryEmitEmpty();
        assertThat(stoppable(OwnerOptions.defaults()).refusal().errno()).isEqualTo(Errno.ECANCELED);
        first.goOn();
        nothingIsLeft();
    }

    @Test
    void aTakeoverThatIsStoppedBeforeItsMarkIsThereEndsNobody() {
        Party first = owner();
        stop.tryEmitEmpty();
        assertThat(stoppable(OwnerOptions.defaults().withTakeover()).refusal().errno())
                .isEqualTo(Errno.ECANCELED);
        passChecked(WATCH);
        assertThat(first.mayAct()).isTrue();
        nothingIsLeft();
    }

    /** Who comes next has to wait for the one whose mark it has overwritten. */
    @Test
    void aTakeoverThatIsStoppedWhileTheOldOwnerMayStillActLeavesItsMark() {
        Party first = heldUp();
        Party second = stoppable(OwnerOptions.defaults().withTakeover());
        passChecked(Duration.ofSeconds(5));
        stop.tryEmitEmpty();
        assertThat(second.refusal().errno()).isEqualTo(Errno.ECANCELED);
        assertThat(mark(0).owner().host()).isEqualTo("beta");
        assertThat(mark(0).owner().open()).isTrue();
        Party third = party("gamma", 0, 1).opens(asUsual());
        passChecked(Duration.ofSeconds(8));
        first.goOn();
        untilDone(third);
        assertThat(third.mayAct()).isTrue();
        passChecked(WATCH);
        assertThat(first.isLost()).isTrue();
        nothingIsLeft();
    }

    @Test
    void aStartThatIsStoppedWhileItsOwnMarkHasToStandTakesItBack() {
        Party first = owner();
        first.close();
        passChecked(Duration.ofSeconds(1));
        Party second = stoppable(OwnerOptions.defaults());
        passChecked(SETTLED.minusMillis(50));
        assertThat(mark(0).owner().host()).isEqualTo("beta");
        stop.tryEmitEmpty();
        assertThat(second.refusal().errno()).isEqualTo(Errno.ECANCELED);
        assertThat(mark(0).owner().open()).isFalse();
        assertThat(mark(1).owner().open()).isFalse();
        Party third = party("gamma", 0, 1).opens(asUsual());
        passChecked(Duration.ofSeconds(1));
        assertThat(third.mayAct()).isTrue();
        nothingIsLeft();
    }

    /** What is half on record is no state to leave legs in. */
    @Test
    void aStartThatIsStoppedWhenItHasTheLegsGoesOn() {
        Party first = owner();
        first.close();
        passChecked(Duration.ofSeconds(1));
        Fault slots = Fault.delayed(Duration.ofSeconds(2)).on(BlockOp.Kind.READ).within(SLOTS, 16);
        Party second = stoppable(OwnerOptions.defaults(), slots.after(2));
        passChecked(Duration.ofSeconds(1));
        assertThat(second.isDone()).isFalse();
        stop.tryEmitEmpty();
        untilDone(second);
        assertThat(second.mayAct()).isTrue();
        nothingIsLeft();
    }
}
