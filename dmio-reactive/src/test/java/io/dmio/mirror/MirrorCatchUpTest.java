package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.Sectors;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Planes;
import io.dmio.mirror.disk.Superblock;
import io.dmio.testkit.Patterns;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A leg that is behind gets what is recorded at a start before the others do, and does not keep them from starting. */
class MirrorCatchUpTest extends MirrorFixture {

    private static final int UNIT = LegLayout.UNIT_SECTORS;
    private static final long FIRST = LegLayout.of("", DATA + METADATA, CHUNK).unitSector(Planes.DIRTY, 0);

    @Test
    void aLegThatIsBehindAndFailsToCatchUpIsDroppedAndTheOthersStart() {
        for (Fault fails : List.of(
                Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(0, SLOTS),
                Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(0, SLOTS).after(2),
                Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(SLOTS, 2 * UNIT))) {
            startsWithout(fails);
        }
    }

    @Test
    void aLegThatIsBehindAndHangsAsItCatchesUpIsSetAsideAndTheOthersStart() {
        for (Fault hangs : List.of(
                Fault.stalled().on(BlockOp.Kind.WRITE).within(0, SLOTS),
                Fault.stalled().on(BlockOp.Kind.WRITE).within(0, SLOTS).after(2),
                Fault.stalled().on(BlockOp.Kind.WRITE).within(SLOTS, 2 * UNIT))) {
            startsWithout(hangs);
        }
    }

    @Test
    void aLegThatAloneHasTheNewestOfTheBitmapAndFailsIsDroppedAndTheOthersStart() {
        for (Fault fails : List.of(
                Fault.errno(Errno.EIO).on(BlockOp.Kind.FLUSH),
                Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE),
                Fault.stalled().on(BlockOp.Kind.FLUSH),
                Fault.stalled().on(BlockOp.Kind.WRITE))) {
            aloneHasTheNewestOfTheBitmap();
            var both = again(0, 1);
            legs.get(0).plan(fails);
            MirrorDevice mirror = get(MirrorDevice.open(both, options().build()));
            assertThat(read(mirror, 0, 8)).as(fails.toString()).isEqualTo(Patterns.bytes(0, 8, 2));
            write(mirror, 0, 8, 3);
            crash(mirror);
            legs.get(0).release();
            MirrorDevice again = open(options(), 0, 1);
            assertThat(read(again, 0, 8)).as(fails.toString()).isEqualTo(Patterns.bytes(0, 8, 3));
            get(again.close());
        }
    }

    // That leg 1 has everything again is on leg 0, and the power goes before it is on leg 1.
    private void aloneHasTheNewestOfTheBitmap() {
        legs.clear();
        disks.clear();
        MirrorDevice mirror = create(2);
        mirror.pause();
        legs.get(1).plan(Fault.errno(Errno.EIO));
        write(mirror, 0, 8, 2);
        legs.get(1).plan(FaultPlan.none());
        pass(Duration.ofMinutes(1)); // it comes in
        long lacks = LegLayout.of("", DATA + METADATA, CHUNK).unitSector(Planes.stale(1), 0);
        legs.get(1).plan(Fault.dropped().on(BlockOp.Kind.WRITE).within(lacks, UNIT));
        mirror.resume();
        pass(Duration.ofMillis(100));
        crash(mirror);
        assertThat(disks.get(0).snapshot(lacks, UNIT)).isNotEqualTo(disks.get(1).snapshot(lacks, UNIT));
    }

    @Test
    void whileOneOfTwoLegsThatAreBehindCatchesUpTheOtherIsNeverTwoBehind() {
        for (Fault hangs : List.of(
                Fault.stalled().on(BlockOp.Kind.WRITE).within(FIRST, UNIT),
                Fault.stalled().on(BlockOp.Kind.WRITE).within(SLOTS, 2 * UNIT))) {
            legs.clear();
            disks.clear();
            get(create(3).close());
            MirrorDevice first = open(options(), 0, 1, 2);
            write(first, 0, 8, 1);
            List<byte[]> older = disks.stream()
                    .map(disk -> disk.snapshot(0, (int) (DATA + METADATA)))
                    .toList();
            while (mark(0) == mark(older.get(0))) {
                pass(Duration.ofMillis(100));
            }
            crash(first);
            List.of(1, 2).forEach(i -> disks.get(i).load(0, older.get(i)));
            List.of(1, 2).forEach(i -> hasOlderRecord(disks.get(i)));
            var all = again(0, 1, 2);
            legs.get(2).plan(hangs);
            List<Runnable> crash = new ArrayList<>();
            MirrorDevice.open(
                            all,
                            options().settings(small -> small.made = crash::add).build())
                    .subscribe(none -> {}, refused -> {});
            pass(Duration.ofSeconds(1));
            crash.get(0).run();
            byte[] left = disks.get(2).snapshot(0, (int) (DATA + METADATA));
            legs.get(2).release();
            disks.get(2).load(0, left); // the power went before that
            assertThat(List.of(mark(0) - mark(2), mark(1) - mark(2), record(0) - record(2), record(1) - record(2)))
                    .allMatch(behind -> behind <= 1);
            assertThat(mark(0) + record(0)).isNotEqualTo(mark(2) + record(2));
            get(open(options(), 0, 1, 2).close());
        }
    }

    private long mark(int disk) {
        return mark(disks.get(disk).snapshot(0, (int) (DATA + METADATA)));
    }

    private long mark(byte[] disk) {
        return ByteBuffer.wrap(disk).order(ByteOrder.LITTLE_ENDIAN).getLong((int) FIRST * Sectors.BYTES);
    }

    private long record(int disk) {
        return newest(disks.get(disk)).superblock().membership().generation();
    }

    private void startsWithout(Fault fault) {
        legs.clear();
        disks.clear();
        get(create(3).close());
        isBehind(disks.get(1));
        var all = again(0, 1, 2);
        legs.get(1).plan(fault);
        MirrorDevice mirror = watched(get(MirrorDevice.open(all, options().build())));
        assertThat(status(mirror).legs().get(1).state()).as(fault.toString()).isNotEqualTo(LegState.IN_SYNC);
        write(mirror, 0, CHUNK, 3);
        legs.get(1).plan(FaultPlan.none());
        legs.get(1).release();
        pass(Duration.ofMinutes(10));
        assertThat(status(mirror).isInSync()).as(fault.toString()).isTrue();
        legsAreEqual();
        get(mirror.close());
    }

    /** By a record, and by whatever its mark was. */
    private static void isBehind(MemoryDevice disk) {
        hasOlderRecord(disk);
        disk.load(FIRST, new byte[UNIT * Sectors.BYTES]);
    }

    private static void hasOlderRecord(MemoryDevice disk) {
        int slot = newest(disk).slot();
        disk.load(LegLayout.slotSector(DATA + METADATA, slot), new byte[UNIT * Sectors.BYTES]);
    }

    private static Superblock.Found newest(MemoryDevice disk) {
        List<byte[]> slots = List.of(disk.snapshot(SLOTS, UNIT), disk.snapshot(SLOTS + UNIT, UNIT));
        return Superblock.newest("", DATA + METADATA, slots);
    }
}
