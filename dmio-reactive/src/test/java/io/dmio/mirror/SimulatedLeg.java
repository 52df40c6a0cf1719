package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.testkit.SimulatedDisk;
import java.time.Duration;
import java.util.SplittableRandom;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** A disk of a simulation through all boots of the machine: with faults, a cable to the machine, and a plug. */
final class SimulatedLeg {

    private final SimulatedDisk disk;
    private final Scheduler clock;
    private Cable cable;
    private FaultyDevice device;
    private boolean plugged = true;
    private boolean faulty;
    private boolean troubled; // in this boot
    private long failures;

    SimulatedLeg(String name, long sectors, SplittableRandom random, Scheduler clock) {
        this.clock = clock;
        this.disk = SimulatedDisk.of(name, sectors, random, clock);
        this.cable = new Cable();
        this.device = FaultyDevice.of(cable, FaultPlan.none(), () -> clock);
    }

    /** What was held back by a fault when the machine went down must not reach the disk later: the cable is cut. */
    private final class Cable implements BlockDevice {
        private boolean cut;

        @Override
        public DeviceInfo info() {
            return disk.info();
        }

        @Override
        public Mono<Void> submit(BlockOp op) {
            return Mono.defer(() -> cut
                    ? Mono.error(DeviceException.of(Errno.ESHUTDOWN, disk.info().name(), op, "of an earlier boot"))
                    : disk.submit(op));
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

    /** A new boot of the machine. */
    void boot() {
        cable.cut = true;
        device.release();
        cable = new Cable();
        device = FaultyDevice.of(cable, FaultPlan.none(), () -> clock);
        faulty = false;
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
        troubled = true;
        faulty = true;
        Fault fault = fault(random);
        device.plan(FaultPlan.of(fault));
        return fault.toString();
    }

    void heal() {
        faulty = false;
        device.plan(FaultPlan.none());
        device.release();
    }

    private static Fault fault(SplittableRandom random) {
        long seed = random.nextLong();
        return switch (random.nextInt(8)) {
            case 0 -> Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).chance(0.3, seed);
            case 1 -> Fault.errno(Errno.EIO).on(BlockOp.Kind.READ).chance(0.5, seed);
            case 2 -> Fault.errno(Errno.EIO).on(BlockOp.Kind.FLUSH).chance(0.5, seed);
            case 3 -> Fault.errno(Errno.EIO);
            case 4 -> Fault.delayed(Duration.ofMillis(random.nextInt(20, 400))).chance(0.3, seed);
            case 5 -> Fault.stalled().chance(0.2, seed);
            case 6 -> Fault.tornAtRandom(seed, Errno.EIO).chance(0.4, seed + 1);
            default -> Fault.badSectors(random.nextInt(120), random.nextInt(1, 8));
        };
    }
}
