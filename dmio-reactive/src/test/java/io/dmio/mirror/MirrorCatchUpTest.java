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
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A leg that is behind gets what is recorded at a start before the others do, and does not keep them from starting. */
class MirrorCatchUpTest extends MirrorFixture {

    private static final int UNIT = LegLayout.UNIT_SECTORS;

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
        byte[] zeroes = new byte[UNIT * Sectors.BYTES];
        List<byte[]> slots = List.of(disk.snapshot(SLOTS, UNIT), disk.snapshot(SLOTS + UNIT, UNIT));
        int newest = Superblock.newest("", DATA + METADATA, slots).slot();
        disk.load(LegLayout.slotSector(DATA + METADATA, newest), zeroes);
        disk.load(LegLayout.of("", DATA + METADATA, CHUNK).unitSector(Planes.DIRTY, 0), zeroes);
    }
}
