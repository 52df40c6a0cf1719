package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.testkit.SimulatedDisk;
import io.netty.buffer.Unpooled;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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
    private Cable cable;
    private FaultyDevice device;
    private @Nullable Cable otherCable; // of a machine that is not the owner any more
    private @Nullable FaultyDevice otherDevice;
    private boolean plugged = true;
    private boolean faulty;
    private @Nullable SplittableRandom garbage; // what failed writes leave, if they do
    private @Nullable SplittableRandom late; // writes that are given up, and land later
    private BooleanSupplier mayBeLate = () -> true;
    private boolean strange; // holds what no leg of this mirror would
    private boolean troubled; // in this boot
    private long failures;
    private long submittedCount;

    SimulatedLeg(SimulatedDisk disk, Scheduler clock, BiConsumer<SimulatedLeg, BlockOp> submitted) {
        this.clock = clock;
        this.disk = disk;
        this.submitted = submitted;
        this.cable = new Cable();
        this.device = FaultyDevice.of(cable, FaultPlan.none(), () -> clock);
    }

    /** What was held back by a fault when the machine went down must not reach the disk later: the cable is cut. */
    private final class Cable implements BlockDevice {
        private boolean cut;
        private boolean refused; // something, since it was cut

        @Override
        public DeviceInfo info() {
            return disk.info();
        }

        @Override
        public Mono<Void> submit(BlockOp op) {
            return Mono.defer(() -> {
                if (cut) {
                    refused = true;
                    return Mono.error(failed(Errno.ESHUTDOWN, op, "of an earlier boot"));
                }
                submittedCount++;
                submitted.accept(SimulatedLeg.this, op);
                return op instanceof BlockOp.Write write ? write(write) : disk.submit(op);
            });
        }

        private Mono<Void> write(BlockOp.Write op) {
            if (garbage != null && garbage.nextInt(3) == 0) {
                byte[] noise = new byte[op.from().capacity()];
                new Random(garbage.nextLong()).nextBytes(noise);
                BlockOp.Write other = new BlockOp.Write(op.sector(), Unpooled.wrappedBuffer(noise), op.fua());
                return disk.submit(other).then(Mono.error(failed(Errno.EIO, op, "and left garbage")));
            }
            if (late != null && mayBeLate.getAsBoolean() && late.nextInt(3) == 0) {
                byte[] bytes = new byte[op.from().capacity()];
                op.from().getBytes(0, bytes);
                BlockOp.Write same = new BlockOp.Write(op.sector(), Unpooled.wrappedBuffer(bytes), op.fua());
                clock.schedule(
                        () -> Mono.defer(() -> cut ? Mono.<Void>empty() : disk.submit(same))
                                .subscribe(never -> {}, gone -> {}),
                        late.nextInt(200),
                        TimeUnit.MILLISECONDS);
                return Mono.error(failed(Errno.ETIMEDOUT, op, "and may arrive later"));
            }
            return disk.submit(op);
        }

        private DeviceException failed(Errno errno, BlockOp op, String why) {
            return DeviceException.of(errno, disk.info().name(), op, why);
        }

        @Override
        public Mono<Void> close() {
            return Mono.empty();
        }
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
        cable = new Cable();
        device = FaultyDevice.of(cable, FaultPlan.none(), () -> clock);
    }

    /** The other machine has not got it. */
    void takeBack() {
        Cable kept = otherCable;
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
        Cable gone = otherCable;
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
        return late != null;
    }

    /** From now on, until it is healed, some writes fail and leave garbage. */
    void leaveGarbage(SplittableRandom random) {
        disturb();
        faulty = true;
        garbage = random.split();
    }

    /** From now on, until it is healed, some writes that may do so fail, and reach the disk up to 200 ms later. */
    void writeLate(SplittableRandom random, BooleanSupplier may) {
        mayBeLate = may;
        disturb();
        faulty = true;
        late = random.split();
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
        disk.exchange(image);
    }

    /** Whether it holds what no leg of this mirror would, until the mirror has brought it up to date. */
    boolean isStrange() {
        return strange;
    }

    void isFamiliar() {
        strange = false;
    }

    /** A new boot of the machine. */
    void boot() {
        cutCable();
        cable = new Cable();
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
        garbage = null;
        late = null;
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
