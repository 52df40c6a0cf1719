package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.disk.Superblock;
import io.dmio.testkit.Patterns;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** A leg that is taken out is given back idle, and what cannot be taken out stays. */
class MirrorRemoveTest extends MirrorFixture {

    @Test
    void aRemovalThatNobodyCanRecordLeavesTheGoodLegIn() {
        MirrorDevice mirror = create(2);
        write(mirror, 0, 8, 1);
        legs.get(1).plan(Fault.errno(Errno.EIO)); // dead, and nobody knows yet
        refused(mirror.remove(0), Errno.EBUSY, "leg 0 stays");
        assertThat(status(mirror).legs().get(0).state()).isEqualTo(LegState.IN_SYNC);
        write(mirror, 0, 8, 2);
        assertThat(read(mirror, 0, 8)).isEqualTo(Patterns.bytes(0, 8, 2));
        legs.get(1).plan(FaultPlan.none());
        get(mirror.resync());
        legsAreEqual();
    }

    @Test
    void aLegStaysIfWhoRecordsThatItGoesDoesNotHaveEverything() {
        MirrorDevice mirror = create(2);
        write(mirror, 0, 8, 1);
        mirror.pause();
        leg("fresh");
        get(mirror.add(legs.get(2))); // lacks everything
        legs.get(1).plan(Fault.errno(Errno.EIO)); // dead, and nobody knows yet
        refused(mirror.remove(0), Errno.EBUSY, "leg 0 stays");
        assertThat(read(mirror, 0, 8)).isEqualTo(Patterns.bytes(0, 8, 1));
        legs.get(1).plan(FaultPlan.none());
        mirror.resume();
        get(mirror.resync());
        legsAreEqual();
    }

    @Test
    void aSplitThatNobodyCanRecordLeavesTheGoodLegInAndWritesGoOn() {
        MirrorDevice mirror = create(2);
        legs.get(1).plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE));
        refused(mirror.split(0), Errno.EBUSY, "leg 0 stays");
        legs.get(1).plan(FaultPlan.none());
        write(mirror, 0, 8, 2);
        get(mirror.resync());
        legsAreEqual();
    }

    @Test
    void aLegIsGivenBackWhenNothingIsInFlightOnItAnyMore() {
        MirrorDevice mirror = create(2);
        legs.get(1)
                .plan(Fault.delayed(Duration.ofSeconds(3))
                        .on(BlockOp.Kind.WRITE)
                        .within(0, DATA));
        CompletableFuture<Void> write = start(mirror, writeOf(0, 8, 1));
        pass(Duration.ofMillis(100));
        CompletableFuture<Void> remove = mirror.remove(1).toFuture();
        pass(Duration.ofSeconds(1));
        assertThat(remove).isNotDone();
        pass(Duration.ofSeconds(3));
        assertThat(remove).isCompleted();
        assertThat(write).isCompleted();
        assertThat(disks.get(1).snapshot(SLOTS, 16)).isEqualTo(new byte[16 * 512]);
    }

    @Test
    void aLegThatBeginsToHangIsTakenOut() {
        MirrorDevice mirror = create(2);
        write(mirror, 0, 8, 1);
        pass(Duration.ofSeconds(2)); // its timer is set for what it has answered
        legs.get(1).plan(Fault.stalled());
        get(mirror.remove(1));
        assertThat(status(mirror).legs()).hasSize(1);
        legs.get(1).release();
    }

    @Test
    void aLegStaysIfTheOnlyOneThatHasEverythingHangs() {
        MirrorDevice mirror = create(1);
        mirror.pause();
        leg("fresh");
        get(mirror.add(legs.get(1))); // lacks everything
        legs.get(0).plan(Fault.stalled());
        refused(mirror.remove(1), Errno.ETIMEDOUT, "leg 1 stays");
        legs.get(0).plan(FaultPlan.none());
        legs.get(0).release();
        mirror.resume();
        get(mirror.resync());
        legsAreEqual();
    }

    @Test
    void twoWhoReplaceOneLegAtOnceBothBringTheirs() {
        MirrorDevice mirror = create(2);
        write(mirror, 0, 8, 1);
        mirror.pause();
        leg("one");
        leg("other");
        for (int leg :
                new int[] {0, 1}) { // that it is gone is not on record, and the old one has not forgotten, at once
            legs.get(leg)
                    .plan(Fault.delayed(Duration.ofMillis(500))
                            .on(BlockOp.Kind.WRITE)
                            .within(SLOTS, 16));
        }
        List<byte[]> left = new ArrayList<>();
        CompletableFuture<Integer> one = mirror.replace(1, legs.get(2))
                .doOnSuccess(index -> left.add(disks.get(1).snapshot(SLOTS, 16)))
                .toFuture();
        CompletableFuture<Integer> other = mirror.replace(1, legs.get(3))
                .doOnSuccess(index -> left.add(disks.get(1).snapshot(SLOTS, 16)))
                .toFuture();
        mirror.resume();
        pass(Duration.ofSeconds(20));
        assertThat(one).isCompletedWithValue(2);
        assertThat(other).isCompletedWithValue(3);
        assertThat(left).containsExactly(new byte[16 * 512], new byte[16 * 512]);
        assertThat(status(mirror).legs()).extracting(LegStatus::index).containsExactly(0, 2, 3);
    }

    @Test
    void theOlderOfALegsSuperblocksIsWipedFirst() {
        MirrorDevice mirror = create(2);
        get(mirror.close()); // has written the second slot
        List<Long> wiped = new ArrayList<>();
        MemoryDevice disk = disks.get(1);
        BlockDevice watched = new BlockDevice() {
            @Override
            public DeviceInfo info() {
                return disk.info();
            }

            @Override
            public Mono<Void> submit(BlockOp op) {
                if (op instanceof BlockOp.Write write) {
                    wiped.add(write.sector());
                }
                return disk.submit(op);
            }

            @Override
            public Mono<Void> close() {
                return Mono.empty();
            }
        };
        int newest = Superblock.newest(
                        "disk-1", DATA + METADATA, List.of(disk.snapshot(SLOTS, 8), disk.snapshot(SLOTS + 8, 8)))
                .slot();
        get(new LegWipe(watched, unchanged -> Mono.empty()).run(any -> true));
        assertThat(wiped).containsExactly(SLOTS + 8L * (1 - newest), SLOTS + 8L * newest);
    }

    @Test
    void aLegThatIsNoneIsRefusedAndNothingStaysLocked() {
        MirrorDevice mirror = create(2);
        for (int none : new int[] {-1, 2, 16, 99}) {
            refused(mirror.split(none), Errno.ENODEV, "has no leg " + none);
            refused(mirror.remove(none), Errno.ENODEV, "has no leg " + none);
        }
        write(mirror, 0, 8, 1);
    }

    @Test
    void aClosedMirrorTouchesNoDeviceThatIsAdded() {
        MirrorDevice mirror = create(1);
        get(mirror.close());
        leg("fresh");
        disks.get(1).load(SLOTS, Patterns.bytes(0, 16, 9));
        refused(mirror.add(legs.get(1)), Errno.ESHUTDOWN, "is closed");
        assertThat(disks.get(1).snapshot(SLOTS, 16)).isEqualTo(Patterns.bytes(0, 16, 9));
    }

    @Test
    void whoWaitsForAResyncIsToldThatTheMirrorIsClosed() {
        MirrorDevice mirror = create(2);
        legs.get(1).plan(Fault.errno(Errno.EIO));
        write(mirror, 0, 8, 1);
        CompletableFuture<Void> resync = mirror.resync().toFuture();
        pass(Duration.ofSeconds(1));
        assertThat(resync).isNotDone();
        get(mirror.close());
        assertThat(resync).isCompletedExceptionally();
    }

    @Test
    void aLegWhoseAddFailedHalfWayIsKnownWhenItAnswersAgain() {
        MirrorDevice mirror = create(1);
        leg("fresh");
        legs.get(1).plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(DATA, 8));
        CompletableFuture<Integer> add = mirror.add(legs.get(1)).toFuture();
        pass(Duration.ofSeconds(1));
        assertThat(add).isCompletedExceptionally();
        legs.get(1).plan(FaultPlan.none());
        assertThat(get(mirror.add(legs.get(1)))).isEqualTo(1);
        get(mirror.resync());
        legsAreEqual();
    }

    @Test
    void aLegThatComesBackInItsOwnPlaceIsNotReplacedByItself() {
        get(create(2).close());
        MirrorDevice mirror = open(options().degraded(true), 0);
        write(mirror, 0, 8, 1);
        assertThat(get(mirror.replace(1, again(1).get(0)))).isEqualTo(1);
        assertThat(status(mirror).line()).isEqualTo("2 disk-0 disk-1 64/64 1 AA 1 core");
        allHold(0, 8, 1);
        get(mirror.close());
        get(open(options(), 0, 1).close());
    }
}
