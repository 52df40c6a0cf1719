package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.testkit.Patterns;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A leg that hangs while a mirror is made, started or gets it ends that in time, by its name, and leaves nothing half done. */
class MirrorDeadlineTest extends MirrorFixture {

    private static final long UNIT = LegLayout.UNIT_SECTORS;

    private void letGo() {
        legs.forEach(leg -> leg.plan(FaultPlan.none()));
        legs.forEach(FaultyDevice::release);
        pass(Duration.ofSeconds(10));
    }

    @Test
    void aStartFromALegThatHangsIsRefusedByItsName() {
        get(create(2).close());
        for (Fault hangs : List.of(
                Fault.stalled().on(BlockOp.Kind.READ),
                Fault.stalled().on(BlockOp.Kind.READ).within(SLOTS + UNIT, UNIT))) {
            var both = again(0, 1);
            legs.get(1).plan(hangs);
            refused(MirrorDevice.open(both, options().build()), Errno.ETIMEDOUT, "disk-1");
            letGo();
        }
        MirrorDevice mirror = open(options(), 0, 1);
        assertThat(status(mirror).isInSync()).isTrue();
    }

    /** Nobody could stand in for it. */
    @Test
    void aStartWhoseOnlyLegHangsInAWriteIsRefusedAndDoesNotBeginLater() {
        get(create(1).close());
        for (Fault hangs : List.of(
                Fault.stalled().on(BlockOp.Kind.FLUSH),
                Fault.stalled().on(BlockOp.Kind.WRITE).within(0, SLOTS),
                Fault.stalled().on(BlockOp.Kind.WRITE).within(SLOTS, 2 * UNIT))) {
            var one = again(0);
            legs.get(0).plan(hangs);
            refused(MirrorDevice.open(one, options().build()), Errno.ETIMEDOUT, "disk-0");
            long before = legs.get(0).ops(BlockOp.Kind.WRITE);
            letGo();
            assertThat(legs.get(0).ops(BlockOp.Kind.WRITE) - before).isLessThanOrEqualTo(17);
        }
        assertThat(status(open(options(), 0)).isInSync()).isTrue();
    }

    @Test
    void aCreateOfALegThatHangsIsRefusedBeforeAnythingIsWritten() {
        leg("disk-0");
        leg("disk-1").plan(Fault.stalled().on(BlockOp.Kind.READ));
        String before = disks.get(0).sha256(0, DATA + METADATA);
        refused(MirrorDevice.create(legs, options().build()), Errno.ETIMEDOUT, "disk-1");
        assertThat(disks.get(0).sha256(0, DATA + METADATA)).isEqualTo(before);
        letGo();
    }

    @Test
    void aLegThatIsDroppedBeforeItCarriesTheNewMirrorIsFilledWhenItIsBack() {
        for (Fault fault : List.of(
                Fault.stalled().on(BlockOp.Kind.WRITE).within(0, SLOTS),
                Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(0, SLOTS),
                Fault.stalled().on(BlockOp.Kind.FLUSH).after(2), // those that blank it
                Fault.torn(1, Errno.EIO)
                        .on(BlockOp.Kind.WRITE)
                        .within(SLOTS, 2 * UNIT)
                        .after(2))) {
            legs.clear();
            disks.clear();
            leg("disk-0");
            leg("disk-1");
            disks.get(0).load(0, Patterns.bytes(0, (int) DATA, 1));
            legs.get(1).plan(fault);
            MirrorDevice mirror = get(MirrorDevice.create(legs, options().build()));
            pass(Duration.ofMinutes(1));
            assertThat(status(mirror).legs().get(1).state()).isNotEqualTo(LegState.IN_SYNC);
            letGo();
            get(mirror.resync());
            assertThat(status(mirror).isInSync()).as(fault.toString()).isTrue();
            get(mirror.close());
            allHold(0, (int) DATA, 1);
            get(open(options(), 0, 1).close());
        }
    }

    @Test
    void anAddOfALegThatHangsIsRefusedAndTheMirrorIsAsItWas() {
        for (Fault hangs : List.of(
                Fault.stalled().on(BlockOp.Kind.READ),
                Fault.stalled().on(BlockOp.Kind.WRITE),
                Fault.stalled().on(BlockOp.Kind.WRITE).within(0, SLOTS),
                Fault.stalled().on(BlockOp.Kind.WRITE).within(SLOTS, UNIT),
                Fault.stalled().on(BlockOp.Kind.WRITE).within(SLOTS + UNIT, UNIT),
                Fault.stalled().on(BlockOp.Kind.FLUSH))) {
            legs.clear();
            disks.clear();
            MirrorDevice mirror = create(1);
            DeviceInfo info =
                    DeviceInfo.of("fresh", DATA + METADATA, "memory").withCapabilities(Set.of(Capability.FLUSH));
            FaultyDevice fresh = leg(MemoryDevice.of(info)); // what is forced takes a flush
            fresh.plan(hangs);
            refused(mirror.add(fresh), Errno.ETIMEDOUT, "fresh");
            write(mirror, 0, 8, 1);
            assertThat(status(mirror).legs()).hasSize(1);
            letGo();
            get(mirror.close());
        }
    }
}
