package io.dmio.fuzz;

import static io.dmio.fuzz.Taken.require;

import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Extent;
import io.dmio.Sectors;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Numbers of devices and of faults. */
final class DeviceNumbers {

    private static final int SNAPSHOT_SECTORS_MAX = 4096;

    private DeviceNumbers() {}

    static void deviceInfo(Draw draw) {
        long sectors = draw.number();
        int logical = draw.count();
        int physical = draw.count();
        int transfer = draw.count();
        int alignment = draw.count();
        Optional<DeviceInfo> made = Taken.of(() -> DeviceInfo.of("disk", sectors, "memory"), sectors);
        if (draw.oneIn(2)) {
            made = made.flatMap(info -> Taken.of(() -> info.withBlocks(logical, physical), logical, physical));
        }
        if (draw.oneIn(2)) {
            made = made.flatMap(info -> Taken.of(() -> info.withTransferBytesMax(transfer), transfer));
        }
        if (draw.oneIn(2)) {
            made = made.flatMap(info -> Taken.of(() -> info.withMemoryAlignmentBytes(alignment), alignment));
        }
        made.ifPresent(DeviceNumbers::works);
        long sector = draw.number();
        long count = draw.number();
        BlockOp.Kind kind = draw.of(BlockOp.Kind.values());
        made.ifPresent(info -> Taken.of(() -> info.refusal(kind, sector, count), sector, count));
    }

    private static void works(DeviceInfo info) {
        require(info.bytes() / Sectors.BYTES == info.sectorCount(), "bytes");
        if (info.logicalBlockBytes() > 1 << 20 || info.sectorCount() == 0) {
            return;
        }
        MemoryDevice disk = MemoryDevice.of(info.withCapabilities(EnumSet.of(Capability.WRITE_ZEROES)));
        int blockSectors = info.logicalBlockBytes() / Sectors.BYTES;
        long last = info.sectorCount() - blockSectors;
        byte[] bytes = new byte[info.logicalBlockBytes()];
        Arrays.fill(bytes, (byte) 7);
        disk.submit(new BlockOp.Write(last, Unpooled.wrappedBuffer(bytes), false))
                .block();
        require(Arrays.equals(disk.snapshot(last, blockSectors), bytes), "the last block is written");
        disk.submit(new BlockOp.WriteZeroes(0, info.sectorCount())).block();
        require(disk.snapshot(last, blockSectors)[0] == 0, "all is zeroed");
        disk.close().block();
    }

    static void memoryDevice(Draw draw) {
        long sectors = draw.number();
        long sector = draw.number();
        int count = draw.count();
        Taken.of(() -> MemoryDevice.of("disk", sectors), sectors).ifPresent(disk -> {
            if (count <= SNAPSHOT_SECTORS_MAX) {
                Taken.of(() -> disk.snapshot(sector, count), sector, count);
                Taken.of(() -> disk.sha256(sector, count), sector, count);
            }
            Taken.of(
                    () -> {
                        disk.load(sector, new byte[512]);
                        return disk;
                    },
                    sector);
            Mono<List<Extent>> extents = disk.extents(sector, count);
            Taken.of(extents::blockOptional, sector, count)
                    .ifPresent(found -> found.ifPresent(list ->
                            list.forEach(extent -> require(extent.sector() >= sector, "extents from " + sector))));
            disk.close().block();
        });
    }

    static void faults(Draw draw) {
        Optional<Fault> made = fault(draw);
        for (int narrower = draw.below(3); narrower > 0; narrower--) {
            made = made.flatMap(fault -> narrower(fault, draw));
        }
        made.ifPresent(fault -> {
            require(fault.toString().startsWith("Fault."), "its code");
            strikes(fault);
        });
    }

    private static Optional<Fault> fault(Draw draw) {
        long number = draw.number();
        int count = draw.count();
        Duration drawn = draw.duration();
        Duration time = Known.isForTimers(drawn) ? drawn : Duration.ofSeconds(1);
        return switch (draw.below(8)) {
            case 0 -> Optional.of(Fault.errno(Errno.EIO));
            case 1 -> Taken.of(() -> Fault.delayed(time), time);
            case 2 -> Taken.of(() -> Fault.torn(number, Errno.EIO), number);
            case 3 -> Taken.of(() -> Fault.tornUnnoticed(number), number);
            case 4 -> Taken.of(() -> Fault.flipped(count), count);
            case 5 -> Taken.of(() -> Fault.overwritten(count, 7), count);
            case 6 -> Taken.of(() -> Fault.misdirected(number), number);
            default -> Taken.of(() -> Fault.badSectors(number, 8, count), number, count);
        };
    }

    private static Optional<Fault> narrower(Fault fault, Draw draw) {
        long one = draw.number();
        long two = draw.number();
        Duration up = draw.duration();
        Duration down = draw.duration();
        if (!Known.isForTimers(up) || !Known.isForTimers(down)) {
            return Optional.of(fault);
        }
        return switch (draw.below(6)) {
            case 0 -> Taken.of(() -> fault.within(one, two), one, two);
            case 1 -> Taken.of(() -> fault.nth(one), one);
            case 2 -> Taken.of(() -> fault.first(one), one);
            case 3 -> Taken.of(() -> fault.after(one), one);
            case 4 -> Taken.of(() -> fault.upDown(one, two), one, two);
            default -> Taken.of(() -> fault.upDown(up, down), up, down);
        };
    }

    private static void strikes(Fault fault) {
        VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        MemoryDevice disk = MemoryDevice.of("disk", 64);
        FaultyDevice faulty = FaultyDevice.of(disk, FaultPlan.of(fault), () -> clock);
        for (int i = 0; i < 3; i++) {
            BlockOp op = i == 1
                    ? new BlockOp.Write(8, Unpooled.wrappedBuffer(new byte[4096]), false)
                    : new BlockOp.Read(8, Unpooled.wrappedBuffer(new byte[4096]));
            CompletableFuture<Void> answer = faulty.submit(op)
                    .onErrorResume(DeviceException.class, failed -> Mono.empty())
                    .toFuture();
            require(!answer.isCompletedExceptionally(), fault + " is answered by something else than a refusal");
        }
        clock.dispose();
        disk.close().block();
    }
}
