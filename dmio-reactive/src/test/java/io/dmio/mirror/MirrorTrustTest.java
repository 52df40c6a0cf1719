package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.mirror.disk.LegLayout;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A start by an operator's word: those that do not count are told so first, if they can be, and only by who owns the mirror. */
class MirrorTrustTest extends OwnerFixture {

    private static final int UNIT = LegLayout.UNIT_SECTORS;

    @Test
    void aLegThatHangsAsItIsToldKeepsNobodyFromStartingAndComesInOnceItHasAnswered() {
        get(create(2).close());
        var both = again(0, 1);
        legs.get(1)
                .plan(Fault.stalled()
                        .on(BlockOp.Kind.WRITE)
                        .within(SLOTS, 2 * UNIT)
                        .first(1));
        MirrorDevice mirror =
                watched(get(MirrorDevice.open(both, options().trust(0).build())));
        legs.get(1).plan(FaultPlan.none());
        pass(Duration.ofMinutes(1));
        assertThat(status(mirror).isInSync()).isFalse();
        legs.get(1).release();
        pass(Duration.ofMinutes(1));
        assertThat(status(mirror).isInSync()).isTrue();
        write(mirror, 0, 8, 1);
        crash(mirror);
        get(open(options().degraded(true), 1).close()); // it says that it is in
    }

    @Test
    void aLegThatFailsAsItIsToldKeepsNobodyFromStarting() {
        get(create(3).close());
        var all = again(0, 1, 2);
        legs.get(1).plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE));
        MirrorDevice mirror =
                watched(get(MirrorDevice.open(all, options().trust(0).build())));
        legs.get(1).plan(FaultPlan.none());
        pass(Duration.ofMinutes(1));
        assertThat(status(mirror).isInSync()).isTrue();
        get(mirror.close());
    }

    /** A start by the second leg's content, on its way: reads of that leg's metadata take their time after so many of them. */
    private CompletableFuture<MirrorDevice> trustingWhileSlowAfter(int reads) {
        var both = again(0, 1);
        legs.get(1)
                .plan(Fault.delayed(Duration.ofMillis(200))
                        .on(BlockOp.Kind.READ)
                        .within(DATA, SLOTS - DATA)
                        .after(reads));
        CompletableFuture<MirrorDevice> trusting =
                MirrorDevice.open(both, options().trust(1).build()).toFuture();
        pass(Duration.ofMillis(500));
        return trusting;
    }

    @Test
    void aLegThatAnotherHasTakenMeanwhileIsNotToldThatItDoesNotCount() {
        get(create(2).close());
        CompletableFuture<MirrorDevice> trusting = trustingWhileSlowAfter(2); // nobody had it when it looked
        MirrorDevice other =
                get(MirrorDevice.open(beside(0), on("beta", 2).degraded(true).build()));
        write(other, 0, 8, 1);
        pass(Duration.ofSeconds(20));
        assertThat(trusting).isCompletedExceptionally();
        crash(other);
        MirrorDevice again = open(on("beta", 2).degraded(true), 0);
        get(again.close());
    }

    @Test
    void aLegThatDoesNotCountIsItsOwnersToo() {
        get(create(2).close());
        CompletableFuture<MirrorDevice> trusting =
                trustingWhileSlowAfter(20); // the second time, when both have its mark
        assertThat(refusal(on("beta", 2).degraded(true), 0)).hasMessageContaining("host alpha");
        assertThat(trusting).isCompleted();
        assertThat(status(trusting.join()).isInSync()).isTrue();
        get(trusting.join().close());
    }
}
