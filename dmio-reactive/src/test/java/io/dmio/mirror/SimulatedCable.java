package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.testkit.SimulatedDisk;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * What is between a machine and a disk in one boot. What was held back by a fault when the machine went down must not reach the disk
 * later: then it is cut.
 */
final class SimulatedCable implements BlockDevice {

    private final SimulatedDisk disk;
    private final Scheduler clock;
    private final Troubles troubles;
    private final Consumer<BlockOp> submitted;

    boolean cut;
    boolean refused; // something, since it was cut

    /** What befalls some writes and flushes, in any boot, until it ends. */
    static final class Troubles {
        @Nullable
        SplittableRandom garbage; // what failed writes leave

        @Nullable
        SplittableRandom late; // writes that are given up, and land later

        @Nullable
        SplittableRandom forgetful; // flushes that fail, and give up what they were for

        BooleanSupplier mayBeLate = () -> true;

        void end() {
            garbage = null;
            late = null;
            forgetful = null;
        }
    }

    SimulatedCable(SimulatedDisk disk, Scheduler clock, Troubles troubles, Consumer<BlockOp> submitted) {
        this.disk = disk;
        this.clock = clock;
        this.troubles = troubles;
        this.submitted = submitted;
    }

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
            submitted.accept(op);
            return switch (op.kind()) {
                case WRITE -> write((BlockOp.Write) op);
                case FLUSH -> flush(op);
                default -> disk.submit(op);
            };
        });
    }

    private Mono<Void> write(BlockOp.Write op) {
        SplittableRandom garbage = troubles.garbage;
        if (garbage != null && garbage.nextInt(3) == 0) {
            byte[] noise = new byte[op.from().capacity()];
            new Random(garbage.nextLong()).nextBytes(noise);
            BlockOp.Write other = new BlockOp.Write(op.sector(), Unpooled.wrappedBuffer(noise), op.fua());
            return disk.submit(other).then(Mono.error(failed(Errno.EIO, op, "and left garbage")));
        }
        SplittableRandom late = troubles.late;
        if (late != null && troubles.mayBeLate.getAsBoolean() && late.nextInt(3) == 0) {
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

    private Mono<Void> flush(BlockOp op) {
        SplittableRandom forgetful = troubles.forgetful;
        if (forgetful != null && forgetful.nextInt(3) == 0) {
            disk.forgetUnflushed();
            return Mono.<Void>error(failed(Errno.EIO, op, "and gave up what was not durable"))
                    .delaySubscription(Duration.ofNanos(forgetful.nextInt(1, 3_000_000)), clock);
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
