package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Planes;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A leg that comes in: what is on record when, who may stand in for whom, and that nothing waits for what waits for it. */
class MirrorJoinTest extends MirrorFixture {

    private static final long SLOTS_SECTORS = 2L * LegLayout.UNIT_SECTORS;

    private MirrorOptions.Builder quick() {
        return options().legDeadline(Duration.ofMillis(60)).probeAfter(Duration.ofMillis(10), Duration.ofMillis(300));
    }

    private byte[] slots(int leg) {
        return disks.get(leg).snapshot(SLOTS, (int) SLOTS_SECTORS);
    }

    private void fails(int leg, BlockOp.Kind kind) {
        legs.get(leg).plan(Fault.errno(Errno.EIO).on(kind));
    }

    @Test
    void aLegThatComesInIsOnRecordWithTheOthersBeforeItIsWithItself() {
        MirrorDevice mirror = create(2, quick().equalAlready(true));
        fails(0, BlockOp.Kind.FLUSH);
        get(mirror.submit(new BlockOp.Flush()));
        byte[] before = slots(0);
        legs.get(1).plan(Fault.stalled().on(BlockOp.Kind.WRITE).within(SLOTS, SLOTS_SECTORS));
        legs.get(0).plan(FaultPlan.none());
        pass(Duration.ofMillis(30));
        assertThat(legs.get(1).stalledCount()).isEqualTo(1);
        assertThat(slots(0)).isEqualTo(before);
        legs.get(1).plan(FaultPlan.none());
        legs.get(1).release();
        get(mirror.resync());
        assertThat(slots(0)).isNotEqualTo(before);
    }

    // It would be said to lack no more than what the batch says, if it failed again before the next one.
    @Test
    void aLegThatComesInTheMiddleOfABatchIsNotMarkedByIt() {
        MirrorDevice mirror = create(2, quick().equalAlready(true));
        pass(Duration.ofSeconds(1));
        fails(1, BlockOp.Kind.FLUSH);
        get(mirror.submit(new BlockOp.Flush()));
        byte[] before = mark(1);
        FaultyDevice whole = legs.get(0);
        whole.plan(Fault.stalled().on(BlockOp.Kind.WRITE).within(DATA, SLOTS - DATA));
        CompletableFuture<Void> write =
                start(mirror, writeOf(0, 8, 1)); // its chunk is noted as missing on the leg, and dirty
        legs.get(1).plan(FaultPlan.none());
        pass(Duration.ofMillis(40));
        whole.release(); // the first half of the batch
        pass(Duration.ofMillis(1));
        assertThat(whole.stalledCount()).isEqualTo(1);
        assertThat(mark(1)).isEqualTo(before);
        whole.plan(FaultPlan.none());
        whole.release();
        get(mirror.resync());
        assertThat(mark(1)).isEqualTo(mark(0)).isNotEqualTo(before);
        assertThat(write).isCompleted();
        legsAreEqual();
    }

    private byte[] mark(int leg) {
        long at = LegLayout.of("", DATA + METADATA, CHUNK).unitSector(Planes.DIRTY, 0);
        return disks.get(leg).snapshot(at, LegLayout.UNIT_SECTORS);
    }

    @Test
    void aLegWhoseJoiningIsNotOnRecordDoesNotStandInForTheOneThatCannotRecordIt() {
        MirrorDevice mirror = create(2, quick().equalAlready(true));
        fails(0, BlockOp.Kind.FLUSH);
        get(mirror.submit(new BlockOp.Flush()));
        legs.get(1).plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(SLOTS, SLOTS_SECTORS));
        legs.get(0).plan(FaultPlan.none());
        pass(Duration.ofSeconds(2));
        assertThat(status(mirror).legs().get(1).state()).isEqualTo(LegState.IN_SYNC);
        legs.get(1).plan(Fault.errno(Errno.EIO));
        refused(mirror.submit(writeOf(0, 8, 1)), Errno.EIO, "");
        crash(mirror);
        MirrorDevice alone = open(options(), 1); // so nothing was acknowledged that it misses
        write(alone, 0, 8, 2);
    }

    @Test
    void aRecordIsNotWaitedForByTheLaggingWriteThatItWaitsFor() {
        MirrorDevice mirror =
                create(3, quick().equalAlready(true).writeMostly(1).writeBehindSectors(1000));
        write(mirror, 0, 8, 1);
        get(mirror.submit(new BlockOp.Flush()));
        legs.get(1)
                .plan(Fault.delayed(Duration.ofMillis(20))
                        .on(BlockOp.Kind.WRITE)
                        .within(0, DATA));
        legs.get(2)
                .plan(Fault.errno(Errno.EIO)
                        .on(BlockOp.Kind.WRITE)
                        .within(0, DATA)
                        .first(1));
        legs.get(0)
                .plan(Fault.errno(Errno.EIO)
                        .on(BlockOp.Kind.WRITE)
                        .within(SLOTS, SLOTS_SECTORS)
                        .first(1));
        CompletableFuture<Void> write = start(mirror, writeOf(8, 8, 2));
        pass(Duration.ofSeconds(5));
        assertThat(write).isDone();
        legs.get(1).plan(FaultPlan.none());
        get(mirror.submit(new BlockOp.Flush()));
        get(mirror.resync());
        legsAreEqual();
        get(mirror.close());
    }

    @Test
    void anAddThatCannotBeRecordedLeavesTheOnlyLegWhereItWas() {
        MirrorDevice mirror = create(1, quick());
        leg("fresh");
        legs.get(1)
                .plan(Fault.errno(Errno.EIO)
                        .on(BlockOp.Kind.WRITE)
                        .within(SLOTS, SLOTS_SECTORS)
                        .after(2));
        CompletableFuture<Integer> add = mirror.add(legs.get(1)).toFuture();
        pass(Duration.ofMillis(50));
        legs.get(0).stall();
        CompletableFuture<Void> write = start(mirror, writeOf(0, 8, 1));
        pass(Duration.ofSeconds(1));
        legs.get(0).release();
        pass(Duration.ofSeconds(10));
        assertThat(add).isCompletedExceptionally();
        assertThat(write).isCompleted();
        write(mirror, 0, 8, 3);
        get(mirror.close());
        disks.remove(1);
        allHold(0, 8, 3);
    }
}
