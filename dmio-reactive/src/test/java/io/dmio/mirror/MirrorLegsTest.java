package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.Patterns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Legs fail, hang, lie, come and go; the mirror goes on, and knows. */
class MirrorLegsTest extends MirrorFixture {

    @Test
    void aWriteThatALegFailsSucceedsAndTheLegIsOutOnRecordFirst() {
        MirrorDevice mirror = create(3);
        legs.get(1).plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(0, DATA));
        write(mirror, 0, 8, 1);
        assertThat(status(mirror).legs().get(1).state()).isEqualTo(LegState.FAILED);
        assertThat(status(mirror).legs().get(1).errors().writes()).isEqualTo(1);
        crash(mirror);
        MirrorDevice opened = open(options(), 0, 2);
        assertThat(status(opened).legs().get(1).state()).isEqualTo(LegState.MISSING);
    }

    @Test
    void aLegThatIsBackGetsOnlyWhatItMissed() {
        MirrorDevice mirror = create(2);
        write(mirror, 0, 8, 1);
        pass(Duration.ofSeconds(10));
        legs.get(1).plan(Fault.errno(Errno.EIO));
        write(mirror, 10L * CHUNK, 8, 2);
        write(mirror, 20L * CHUNK, 8, 2);
        legs.get(1).plan(FaultPlan.none());
        long before = legs.get(0).ops(BlockOp.Kind.READ);
        get(mirror.resync());
        assertThat(legs.get(0).ops(BlockOp.Kind.READ) - before).isEqualTo(2);
        allHold(10L * CHUNK, 8, 2);
        legsAreEqual();
        assertThat(kinds())
                .contains(MirrorEvent.Kind.LEG_FAILED, MirrorEvent.Kind.LEG_JOINED, MirrorEvent.Kind.LEG_IN_SYNC);
    }

    @Test
    void aLegThatHangsIsSetAsideAtTheDeadlineAndTheWriteEndsOnTheOthers() {
        MirrorDevice mirror = create(2);
        write(mirror, 0, 8, 1);
        legs.get(1).stall();
        ByteBuf memory = Unpooled.wrappedBuffer(Patterns.bytes(0, 8, 2));
        CompletableFuture<Void> write = start(mirror, new BlockOp.Write(0, memory, false));
        pass(Duration.ofMillis(4_900));
        assertThat(write).isNotDone();
        pass(Duration.ofMillis(200));
        assertThat(write).isCompleted();
        assertThat(memory.refCnt()).isEqualTo(1);
        assertThat(status(mirror).legs().get(1).state()).isEqualTo(LegState.SET_ASIDE);
        assertThat(status(mirror).legs().get(1).errors().slow()).isEqualTo(1);
        legs.get(1).release();
        get(mirror.resync());
        allHold(0, 8, 2);
    }

    @Test
    void theLastLegIsNeverSetAside() {
        MirrorDevice mirror = create(2);
        legs.forEach(leg -> leg.stall());
        CompletableFuture<Void> write = start(mirror, writeOf(0, 8, 1));
        pass(Duration.ofMinutes(10));
        assertThat(write).isNotDone();
        legs.forEach(leg -> leg.release());
        pass(Duration.ofMinutes(1));
        assertThat(write).isCompleted();
        assertThat(status(mirror).isInSync()).isTrue();
    }

    @Test
    void aLegThatFlapsIsHeldOffLongerEachTime() {
        MirrorDevice mirror = create(2);
        legs.get(1).plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(0, DATA));
        for (int i = 0; i < 200; i++) {
            write(mirror, 0, 8, i);
            pass(Duration.ofSeconds(1));
        }
        long drops =
                kinds().stream().filter(MirrorEvent.Kind.LEG_FAILED::equals).count();
        assertThat(drops).isBetween(4L, 12L); // after 1, 2, 4, 8 … seconds
    }

    @Test
    void aReadFailsOverAndTheBadSectorsAreWrittenAgain() {
        MirrorDevice mirror = create(2);
        write(mirror, 0, 64, 1);
        legs.get(0).plan(Fault.badSectors(8, 2));
        for (int i = 0; i < 4; i++) {
            assertThat(read(mirror, 0, 64)).isEqualTo(Patterns.bytes(0, 64, 1));
        }
        MirrorStatus status = status(mirror);
        assertThat(status.isInSync()).isTrue();
        assertThat(status.legs().get(0).errors().reads()).isEqualTo(1);
        assertThat(status.legs().get(0).errors().healed()).isEqualTo(1);
        assertThat(status.line()).isEqualTo("2 disk-0 disk-1 64/64 1 RA 1 core");
    }

    @Test
    void aLegThatKeepsFailingReadsIsDropped() {
        MirrorDevice mirror = create(2, options().readErrorsMax(3).equalAlready(true));
        legs.get(0).plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.READ));
        for (int i = 0; i < 20; i++) {
            read(mirror, i * 8L, 8);
        }
        assertThat(status(mirror).legs().get(0).state()).isEqualTo(LegState.FAILED);
        assertThat(status(mirror).legs().get(0).errors().reads()).isEqualTo(4);
    }

    @Test
    void aReadOfAllLegsFailedIsTheUsersErrorAndNoLegIsLost() {
        MirrorDevice mirror = create(2);
        legs.forEach(leg -> leg.plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.READ)));
        refused(mirror.submit(new BlockOp.Read(0, Unpooled.buffer(512))), Errno.EIO, "no leg could read it");
        legs.forEach(leg -> leg.plan(FaultPlan.none()));
        assertThat(read(mirror, 0, 1)).isEqualTo(new byte[512]);
    }

    @Test
    void readsAreBalancedAndAvoidWriteMostlyLegs() {
        MirrorDevice mirror = create(3, options().writeMostly(2).equalAlready(true));
        long[] before =
                legs.stream().mapToLong(leg -> leg.ops(BlockOp.Kind.READ)).toArray();
        for (int i = 0; i < 100; i++) {
            read(mirror, (i * 37L) % DATA, 1);
        }
        assertThat(legs.get(0).ops(BlockOp.Kind.READ) - before[0]).isBetween(40L, 60L);
        assertThat(legs.get(1).ops(BlockOp.Kind.READ) - before[1]).isBetween(40L, 60L);
        assertThat(legs.get(2).ops(BlockOp.Kind.READ) - before[2]).isZero();
    }

    @Test
    void aSequentialStreamStaysOnItsLeg() {
        MirrorDevice mirror = create(2);
        long[] before =
                legs.stream().mapToLong(leg -> leg.ops(BlockOp.Kind.READ)).toArray();
        for (int i = 1; i < 50; i++) {
            read(mirror, i * 8L, 8);
        }
        long onFirst = legs.get(0).ops(BlockOp.Kind.READ) - before[0];
        assertThat(onFirst).isIn(0L, 49L, 1L, 48L);
    }

    @Test
    void belowItsMinimumAMirrorRefusesWritesAndServesReads() {
        MirrorDevice mirror = create(2, options().legsMin(2).equalAlready(true));
        write(mirror, 0, 8, 1);
        legs.get(1).plan(Fault.errno(Errno.EIO));
        refused(mirror.submit(writeOf(0, 8, 2)), Errno.EIO, "legsMin asks for 2");
        refused(mirror.submit(writeOf(8, 8, 2)), Errno.EIO, "read-only: 1 leg is in sync");
        assertThat(status(mirror).writable()).isFalse();
        assertThat(read(mirror, 100, 1)).isEqualTo(new byte[512]);
        legs.get(1).plan(FaultPlan.none());
        get(mirror.resync());
        write(mirror, 0, 8, 3);
        assertThat(kinds()).contains(MirrorEvent.Kind.READ_ONLY, MirrorEvent.Kind.WRITABLE);
    }

    @Test
    void anAddedLegGetsEverythingAndARemovedOneForgets() {
        MirrorDevice mirror = create(1);
        write(mirror, 0, 64, 1);
        BlockDevice fresh = leg("fresh");
        assertThat(get(mirror.add(fresh))).isEqualTo(1);
        get(mirror.resync());
        legsAreEqual();
        get(mirror.remove(0));
        write(mirror, 0, 64, 2);
        assertThat(disks.get(0).snapshot(0, 64)).isEqualTo(Patterns.bytes(0, 64, 1));
        assertThat(disks.get(1).snapshot(0, 64)).isEqualTo(Patterns.bytes(0, 64, 2));
        refused(mirror.remove(1), Errno.EBUSY, "no other leg has everything");
        refused(mirror.remove(0), Errno.ENODEV, "has no leg 0");
        refused(MirrorDevice.open(again(0), options().build()), Errno.EINVAL, "carries no mirror");
    }

    @Test
    void aLegThatIsRefusedKeepsEveryByte() {
        MirrorDevice mirror = create(16);
        FaultyDevice late = leg("one-too-many");
        FaultyDevice small = leg(MemoryDevice.of("small", DATA / 2));
        FaultyDevice large = leg(MemoryDevice.of(
                DeviceInfo.of("large-blocks", 2 * DATA, "memory").withBlocks(4096, 4096)));
        List.of(late, small, large)
                .forEach(device -> write(device, device.info().sectorCount() - 64, 64, 3));
        refused(mirror.add(late), Errno.ENOSPC, "has 16 legs");
        refused(mirror.add(small), Errno.ENOSPC, "small: has room for");
        refused(mirror.add(large), Errno.EINVAL, "large-blocks: blocks of 4096 bytes");
        disks.subList(16, 19).forEach(disk -> {
            long last = disk.info().sectorCount() - 64;
            assertThat(disk.snapshot(last, 64)).isEqualTo(Patterns.bytes(last, 64, 3));
        });
    }

    @Test
    void aLegIsReplacedWithoutEverBeingOneCopyShort() {
        MirrorDevice mirror = create(2);
        write(mirror, 0, 64, 1);
        assertThat(get(mirror.replace(0, leg("fresh")))).isEqualTo(2);
        assertThat(disks.get(2).snapshot(0, 64)).isEqualTo(Patterns.bytes(0, 64, 1));
        assertThat(status(mirror).legs()).extracting(LegStatus::name).containsExactly("disk-1", "fresh");
    }

    @Test
    void aReplaceNeverTakesOutALegThatCameIntoTheOldOnesPlace() {
        MirrorDevice mirror = create(2);
        mirror.pause();
        CompletableFuture<Integer> replaced = mirror.replace(0, leg("fresh")).toFuture();
        pass(Duration.ofSeconds(1));
        get(mirror.split(0));
        assertThat(get(mirror.add(leg("later")))).isZero();
        mirror.resume();
        assertThat(get(Mono.fromFuture(replaced))).isEqualTo(2);
        get(mirror.resync());
        assertThat(status(mirror).legs()).extracting(LegStatus::name).containsExactly("later", "disk-1", "fresh");
    }

    @Test
    void aReplaceOfALegThatIsNotThereAddsNothing() {
        MirrorDevice mirror = create(2);
        refused(mirror.replace(5, leg("fresh")), Errno.ENODEV, "has no leg 5");
        assertThat(status(mirror).legs()).hasSize(2);
    }

    @Test
    void aLegIsAddedOnceOnly() {
        MirrorDevice mirror = create(2);
        refused(mirror.add(legs.get(1)), Errno.EBUSY, "is leg 1 already");
    }

    @Test
    void aSplitLegIsAPlainImageOfOneMoment() {
        MirrorDevice mirror = create(3);
        write(mirror, 0, 64, 1);
        BlockDevice image = get(mirror.split(2));
        write(mirror, 0, 64, 2);
        assertThat(image).isEqualTo(legs.get(2));
        assertThat(disks.get(2).snapshot(0, 64)).isEqualTo(Patterns.bytes(0, 64, 1));
        legs.get(1).plan(Fault.errno(Errno.EIO));
        write(mirror, 0, 64, 3);
        refused(mirror.split(1), Errno.EBUSY, "must be in sync");
        write(mirror, 0, 64, 4);
    }

    @Test
    void aLegThatLagsIsNotWaitedForUpToItsLimitAndAFlushWaits() {
        MirrorDevice mirror =
                create(2, options().writeMostly(1).writeBehindSectors(16).equalAlready(true));
        write(mirror, 0, 8, 1);
        legs.get(1).stall();
        CompletableFuture<Void> first = start(mirror, writeOf(0, 8, 2));
        CompletableFuture<Void> second = start(mirror, writeOf(64, 8, 2));
        CompletableFuture<Void> third = start(mirror, writeOf(128, 8, 2));
        CompletableFuture<Void> forced =
                start(mirror, new BlockOp.Write(192, Unpooled.wrappedBuffer(Patterns.bytes(192, 8, 2)), true));
        CompletableFuture<Void> flush = start(mirror, new BlockOp.Flush());
        assertThat(first).isCompleted();
        assertThat(second).isCompleted();
        assertThat(third).isNotDone();
        assertThat(forced).isNotDone();
        assertThat(flush).isNotDone();
        assertThat(status(mirror).legs().get(1).lagSectors()).isEqualTo(16);
        assertThat(read(mirror, 0, 8)).isEqualTo(Patterns.bytes(0, 8, 2));
        legs.get(1).release();
        pass(Duration.ofMillis(1));
        assertThat(third).isCompleted();
        assertThat(flush).isCompleted();
        allHold(0, 8, 2);
    }

    @Test
    void discardAndZeroesLeaveLegsEqualWhateverTheyCan() {
        leg(io.dmio.device.MemoryDevice.of(io.dmio.DeviceInfo.of("plain", DATA + METADATA, "memory")));
        MirrorDevice mirror = create(1, options());
        get(mirror.resync());
        write(mirror, 0, 256, 1);
        get(mirror.submit(new BlockOp.Discard(10, 100)));
        get(mirror.submit(new BlockOp.WriteZeroes(150, 10)));
        legsAreEqual();
        assertThat(read(mirror, 10, 100)).isEqualTo(new byte[100 * 512]);
    }
}
