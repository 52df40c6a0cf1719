package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Planes;
import io.dmio.testkit.Patterns;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A device that answers again where a leg was proves who it is, and how far; less than that, and it gets everything or nothing. */
class MirrorReturnTest extends MirrorFixture {

    private static final int ALL = (int) DATA + METADATA;
    private static final int UNIT = LegLayout.UNIT_SECTORS;

    private MirrorDevice inSyncWithLegOut() {
        MirrorDevice mirror = create(2);
        write(mirror, 0, 512, 1);
        pass(Duration.ofSeconds(10));
        legs.get(1).plan(Fault.errno(Errno.EIO));
        write(mirror, 0, 8, 2);
        return mirror;
    }

    private void isNotTakenBack(MirrorDevice mirror, String why) {
        legs.get(1).plan(FaultPlan.none());
        pass(Duration.ofMinutes(10));
        assertThat(status(mirror).legs().get(1).state()).isEqualTo(LegState.REFUSED);
        assertThat(events)
                .filteredOn(event -> event.kind() == MirrorEvent.Kind.LEG_REFUSED)
                .singleElement()
                .satisfies(event -> assertThat(event.message()).contains(why));
        assertThat(read(mirror, 256, 100)).isEqualTo(Patterns.bytes(256, 100, 1));
    }

    @Test
    void aBlankDiskIsNotTakenBackUntilItIsAddedAnew() {
        MirrorDevice mirror = inSyncWithLegOut();
        disks.get(1).load(0, new byte[ALL * 512]);
        isNotTakenBack(mirror, "carries no mirror");
        get(mirror.remove(1));
        get(mirror.add(legs.get(1)));
        get(mirror.resync());
        legsAreEqual();
    }

    @Test
    void aLegThatFailedWhileTheMirrorWasMadeIsABlankDiskAfterACrash() {
        leg("disk-0");
        leg("disk-1").plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).after(2)); // which take superblocks away
        MirrorDevice mirror = get(MirrorDevice.create(legs, options().build()));
        write(mirror, 0, 8, 1);
        crash(mirror);
        refused(MirrorDevice.open(again(0, 1), options().build()), Errno.EINVAL, "disk-1: carries no mirror");
        MirrorDevice alone = open(options(), 0);
        get(alone.add(again(1).get(0)));
        get(alone.resync());
        assertThat(status(alone).isInSync()).isFalse(); // the place of the one that never was
        get(alone.remove(1));
        assertThat(status(alone).isInSync()).isTrue();
        allHold(0, 8, 1);
    }

    @Test
    void aResyncBesideALegThatIsRefusedEndsAndSaysWhy() {
        MirrorDevice mirror = inSyncWithLegOut();
        disks.get(1).load(0, new byte[ALL * 512]);
        legs.get(1).plan(FaultPlan.none());
        refused(mirror.resync(), Errno.EINVAL, "disk-1: is not taken back: EINVAL: disk-1: carries no mirror");
    }

    private byte[] anotherMirrorsLeg() {
        MemoryDevice foreign = MemoryDevice.of("foreign", ALL);
        get(MirrorDevice.create(List.of(foreign), options().build()));
        return foreign.snapshot(0, ALL);
    }

    @Test
    void whatAnswersInALegsPlaceAndIsAnotherMirrorsKeepsWhatItHoldsWhenTheLegIsRemoved() {
        MirrorDevice mirror = inSyncWithLegOut();
        byte[] other = anotherMirrorsLeg();
        disks.get(1).load(0, other);
        isNotTakenBack(mirror, "belongs to mirror");
        get(mirror.remove(1));
        assertThat(disks.get(1).snapshot(0, ALL)).isEqualTo(other);
    }

    @Test
    void aLegOfAnotherMirrorIsNotTakenBackAndNotWrittenTo() {
        MirrorDevice mirror = inSyncWithLegOut();
        byte[] other = anotherMirrorsLeg();
        disks.get(1).load(0, other);
        isNotTakenBack(mirror, "belongs to mirror");
        assertThat(disks.get(1).snapshot(0, ALL)).isEqualTo(other);
    }

    @Test
    void aCopyOfAnotherLegIsNotTakenBack() {
        MirrorDevice mirror = inSyncWithLegOut();
        disks.get(1).load(0, disks.get(0).snapshot(0, ALL));
        isNotTakenBack(mirror, "is leg");
    }

    @Test
    void aLegThatIsAsItWasSomeTimeAgoGetsEverything() {
        MirrorDevice mirror = create(2);
        byte[] before = disks.get(1).snapshot(0, ALL);
        write(mirror, 0, 512, 1);
        pass(Duration.ofSeconds(10));
        legs.get(1).plan(Fault.errno(Errno.EIO));
        write(mirror, 0, 8, 2);
        disks.get(1).load(0, before);
        legs.get(1).plan(FaultPlan.none());
        get(mirror.resync());
        assertThat(disks.get(1).snapshot(256, 100)).isEqualTo(Patterns.bytes(256, 100, 1));
        legsAreEqual();
    }

    @Test
    void aLegThatIsOlderAndFailsToComeInGetsEverythingAfterACrashToo() {
        MirrorDevice mirror = create(2);
        byte[] before = disks.get(1).snapshot(0, ALL);
        write(mirror, 0, 512, 1);
        pass(Duration.ofSeconds(10));
        legs.get(1).plan(Fault.errno(Errno.EIO));
        write(mirror, 0, 8, 2);
        disks.get(1).load(0, before);
        legs.get(0).plan(Fault.stalled().on(BlockOp.Kind.WRITE).within(DATA, SLOTS - DATA)); // no batch becomes durable
        legs.get(1).plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE));
        pass(Duration.ofSeconds(4)); // it answers, is to get everything, and fails: that it is out is on record
        FaultyDevice stalled = legs.get(0);
        crash(mirror);
        MirrorDevice opened = open(options(), 0, 1);
        get(opened.resync());
        legsAreEqual();
        stalled.release(); // in another boot
    }

    @Test
    void aLegThatWasPutBackWhileTheMirrorWasClosedGetsEverything() {
        MirrorDevice mirror = create(2);
        byte[] before = disks.get(1).snapshot(0, ALL);
        write(mirror, 0, 512, 1);
        pass(Duration.ofSeconds(10));
        write(mirror, 1024, 8, 1);
        get(mirror.close());
        disks.get(1).load(0, before);
        MirrorDevice opened = open(options(), 1, 0);
        assertThat(read(opened, 256, 100)).isEqualTo(Patterns.bytes(256, 100, 1));
        get(opened.resync());
        legsAreEqual();
    }

    @Test
    void aLegThatMissedNothingLacksNothingWhenItIsBack() {
        MirrorDevice mirror = create(2);
        write(mirror, 0, 8, 1);
        pass(Duration.ofSeconds(10));
        legs.get(1).plan(Fault.errno(Errno.EIO));
        refusedFlushOf(mirror);
        long reads = legs.get(0).ops(BlockOp.Kind.READ);
        legs.get(1).plan(FaultPlan.none());
        get(mirror.resync());
        assertThat(legs.get(0).ops(BlockOp.Kind.READ)).isEqualTo(reads);
        crash(mirror);
        get(open(options(), 0, 1).resync());
    }

    private void refusedFlushOf(MirrorDevice mirror) {
        get(mirror.submit(new BlockOp.Flush()));
        assertThat(status(mirror).legs().get(1).state()).isEqualTo(LegState.FAILED);
    }

    /** It may be the one that alone knows what was written without this mirror. */
    @Test
    void aLegOneOfWhoseSuperblocksCannotBeReadIsNotTakenBackUntilItCan() {
        for (long slot = SLOTS; slot < ALL; slot += UNIT) {
            disks.clear();
            legs.clear();
            events.clear();
            get(create(2).close()); // has written the second slot
            MirrorDevice mirror = open(options(), 0, 1);
            write(mirror, 0, 512, 1);
            legs.get(1).plan(Fault.errno(Errno.EIO));
            write(mirror, 0, 8, 2);
            legs.get(1).plan(Fault.badSectors(slot, UNIT));
            pass(Duration.ofMinutes(10));
            assertThat(status(mirror).legs().get(1).state()).isEqualTo(LegState.REFUSED);
            assertThat(disks.get(1).snapshot(0, 8)).isEqualTo(Patterns.bytes(0, 8, 1));
            assertThat(events.get(events.size() - 1).message()).contains("has a superblock that cannot be read");
            legs.get(1).plan(FaultPlan.none());
            get(mirror.resync());
            legsAreEqual();
        }
    }

    @Test
    void aLegWhoseMarkCannotBeReadGetsEverything() {
        MirrorDevice mirror = inSyncWithLegOut();
        long mark = LegLayout.of("", ALL, CHUNK).unitSector(Planes.DIRTY, 0);
        legs.get(1).plan(Fault.badSectors(mark, UNIT));
        get(mirror.resync());
        assertThat(status(mirror).isInSync()).isTrue();
        legsAreEqual();
    }

    /** As of another size, or of a later format: it cannot be understood, but it says whose it is. */
    @Test
    void whatCannotBeUnderstoodIsNotOverwrittenThoughTheLegWasNeverToldWhoItIs() {
        MemoryDevice larger = MemoryDevice.of("larger", ALL + UNIT);
        get(MirrorDevice.create(List.of(larger), options().build()));
        leg("disk-0");
        leg("disk-1").plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).after(2)); // which take superblocks away
        MirrorDevice mirror = watched(get(MirrorDevice.create(legs, options().build())));
        write(mirror, 256, 100, 1);
        disks.get(1).load(SLOTS, larger.snapshot(SLOTS + UNIT, 2 * UNIT));
        byte[] before = disks.get(1).snapshot(0, ALL);
        isNotTakenBack(mirror, "and its superblock says");
        assertThat(disks.get(1).snapshot(0, ALL)).isEqualTo(before);
    }
}
