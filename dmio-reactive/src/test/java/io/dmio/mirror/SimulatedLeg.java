package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceInfo;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.testkit.SimulatedDisk;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** A disk of a simulation through all boots of the machine: with faults, a cable to the machine, and a plug. */
final class SimulatedLeg {

    private final SimulatedDisk disk;
    private final Scheduler clock;
    private final BiConsumer<SimulatedLeg, BlockOp> submitted;
    private final SimulatedCable.Troubles troubles = new SimulatedCable.Troubles();
    private SimulatedCable cable;
    private FaultyDevice device;
    private @Nullable SimulatedCable otherCable; // of a machine that is not the owner any more
    private @Nullable FaultyDevice otherDevice;
    private boolean plugged = true;
    private boolean faulty;
    private boolean strange; // holds what no leg of this mirror would
    private int exchanges;
    private int boots;
    private boolean troubled; // in this boot
    private long failures;
    private long submittedCount;

    SimulatedLeg(SimulatedDisk disk, Scheduler clock, BiConsumer<SimulatedLeg, BlockOp> submitted) {
        this.clock = clock;
        this.disk = disk;
        this.submitted = submitted;
        this.cable = newCable();
        this.device = FaultyDevice.of(cable, FaultPlan.none(), () -> clock);
    }

    private SimulatedCable newCable() {
        return new SimulatedCable(disk, clock, troubles, op -> {
            submittedCount++;
            submitted.accept(this, op);
        });
    }

    private final class Counting implements BlockDevice {
        private final BlockDevice next;

        Counting(BlockDevice next) {
            this.next = next;
        }

        @Override
        public DeviceInfo info() {
            return next.info();
        }

        @Override
        public Mono<Void> submit(BlockOp op) {
            return next.submit(op).doOnError(failed -> failures++);
        }

        @Override
        public Mono<Void> close() {
            return next.close();
        }
    }

    SimulatedDisk disk() {
        return disk;
    }

    /** What the machine sees of it in this boot. */
    BlockDevice device() {
        return new Counting(device);
    }

    /** How many operations it has failed in this boot. */
    long failures() {
        return failures;
    }

    /** How many operations have reached the disk. */
    long submittedCount() {
        return submittedCount;
    }

    /** From now on another machine uses it, too: what is in this one's place is that machine's. */
    void handOver(boolean fenced) {
        otherCable = cable;
        otherDevice = device;
        cable.cut = fenced;
        cable = newCable();
        device = FaultyDevice.of(cable, FaultPlan.none(), () -> clock);
    }

    /** The other machine has not got it. */
    void takeBack() {
        SimulatedCable kept = otherCable;
        FaultyDevice first = otherDevice;
        if (kept != null && first != null) {
            cutCable();
            kept.cut = false;
            troubled |= kept.refused; // fenced off, it failed the first machine
            cable = kept;
            device = first;
            otherCable = null;
            otherDevice = null;
        }
    }

    /** The machine that used it before is gone. */
    void forgetOther() {
        SimulatedCable gone = otherCable;
        FaultyDevice first = otherDevice;
        if (gone != null && first != null) {
            gone.cut = true;
            first.release();
            otherCable = null;
            otherDevice = null;
        }
    }

    boolean isPlugged() {
        return plugged;
    }

    /** Whether anything was done to it in this boot. */
    boolean isTroubled() {
        return troubled;
    }

    boolean isUp() {
        return plugged && !faulty;
    }

    void powerCut() {
        disk.cutPower();
    }

    /** The process that used it is gone. */
    void cutCable() {
        cable.cut = true;
        device.release();
    }

    /** Whether writes that were given up may be on their way to it. */
    boolean isLate() {
        return troubles.late != null;
    }

    /** From now on, until it is healed, some writes fail and leave garbage. */
    void leaveGarbage(SplittableRandom random) {
        disturb();
        faulty = true;
        troubles.garbage = random.split();
    }

    /** From now on, until it is healed, some writes that may do so fail, and reach the disk up to 200 ms later. */
    void writeLate(SplittableRandom random, BooleanSupplier may) {
        troubles.mayBeLate = may;
        disturb();
        faulty = true;
        troubles.late = random.split();
    }

    /** From now on, until it is healed, some flushes fail and give up what they were for: no later one makes it durable. */
    void forget(SplittableRandom random) {
        disturb();
        faulty = true;
        troubles.forgetful = random.split();
    }

    /** Fails as this says, until it is healed. */
    void fail(Fault... faults) {
        disturb();
        faulty = true;
        device.plan(FaultPlan.of(faults));
    }

    /** Is another disk from now on. */
    void exchange(byte[] image) {
        disturb();
        strange = true;
        exchanges++;
        disk.exchange(image);
    }

    /** How often it has become another disk. */
    int exchanges() {
        return exchanges;
    }

    /** Whether it holds what no leg of this mirror would, until the mirror has brought it up to date. */
    boolean isStrange() {
        return strange;
    }

    void isFamiliar() {
        strange = false;
    }

    /** How often the machine has booted with it. */
    int boots() {
        return boots;
    }

    /** A new boot of the machine. */
    void boot() {
        boots++;
        cutCable();
        cable = newCable();
        device = FaultyDevice.of(cable, FaultPlan.none(), () -> clock);
        heal();
        troubled = !plugged;
        failures = 0;
        if (plugged) {
            disk.powerOn();
        }
    }

    /** Its user does something to it that may fail operations. */
    void disturb() {
        troubled = true;
    }

    void unplug() {
        troubled = true;
        plugged = false;
        disk.unplug();
    }

    void plug() {
        plugged = true;
        disk.powerOn();
    }

    String fail(SplittableRandom random) {
        Fault fault = SimulatedFaults.fault(random);
        fail(fault);
        return fault.toString();
    }

    void heal() {
        faulty = false;
        troubles.end();
        device.plan(FaultPlan.none());
        device.release();
    }

    /** What a disk of a simulation promises. */
    static DeviceInfo info(String name, long sectors) {
        return DeviceInfo.of(name, sectors, "simulated")
                .withCapabilities(
                        Set.of(Capability.FLUSH, Capability.FUA, Capability.DISCARD, Capability.WRITE_ZEROES));
    }
}
