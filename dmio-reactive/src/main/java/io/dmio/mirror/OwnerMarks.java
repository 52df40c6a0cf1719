package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.mirror.disk.LegLayout;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Reads and writes owners' marks on devices on which no mirror runs, or none yet. A device that hangs is asked only
 * once: otherwise a caller that has to be quick would wait for it each time, and never be quick.
 */
final class OwnerMarks {

    private final Set<BlockDevice> hanging = ConcurrentHashMap.newKeySet();
    private final Map<BlockDevice, Long> spent = new ConcurrentHashMap<>();
    private final LongSupplier clock;

    OwnerMarks(LongSupplier clock) {
        this.clock = clock;
    }

    /** Returns which of these devices has taken the longest in all. */
    BlockDevice slowest(List<BlockDevice> devices) {
        return Collections.max(devices, Comparator.comparing(device -> spent.getOrDefault(device, 0L)));
    }

    /** Returns what is seen on each of these devices, in their order; errors only for lack of memory. */
    Mono<List<Sight>> read(List<BlockDevice> devices) {
        return onEach(devices, device -> withBlock(block -> inTime(device, look(device, block), Sight.UNREADABLE)));
    }

    /** Writes a mark to each of these devices, durably; returns in their order whether that went well. */
    Mono<List<Boolean>> write(List<BlockDevice> devices, OwnerMark mark) {
        byte[] bytes = mark.encode();
        return onEach(
                devices,
                device -> withBlock(block ->
                        inTime(device, write(device, block.setBytes(0, bytes)).thenReturn(true), false)));
    }

    /** Writes an owner's last mark wherever its own still is; nothing if it took so long to see that, that another's may be there. */
    Mono<Void> close(List<BlockDevice> devices, OwnerMark last) {
        return Mono.defer(() -> {
            long read = clock.getAsLong();
            return read(devices).flatMap(now -> {
                List<BlockDevice> mine = IntStream.range(0, now.size())
                        .filter(i -> now.get(i).isBy(last))
                        .mapToObj(devices::get)
                        .toList();
                boolean slow = clock.getAsLong() - read > last.terms().quickNanos();
                return slow ? Mono.empty() : write(mine, last.closed()).then();
            });
        });
    }

    private <T> Mono<T> inTime(BlockDevice device, Mono<T> asked, T none) {
        return Mono.defer(() -> {
            if (hanging.contains(device)) {
                return Mono.just(none);
            }
            long begin = clock.getAsLong();
            return asked.doOnTerminate(() -> spent.merge(device, clock.getAsLong() - begin, Long::sum))
                    .onErrorResume(DeviceException.class, failure -> {
                        if (!LegCall.hasAnswered(failure)) {
                            hanging.add(device);
                        }
                        return Mono.just(none);
                    });
        });
    }

    /** Returns what is seen on one device; errors if that cannot be read. */
    static Mono<Sight> look(BlockDevice device) {
        return withBlock(block -> look(device, block));
    }

    /** Erases a mark, durably. */
    static Mono<Void> erase(BlockDevice device) {
        return withBlock(block -> write(device, block.setZero(0, LegLayout.SLOT_BYTES)));
    }

    /** Returns the write of a mark to a leg's end. */
    static BlockOp.Write op(long legSectors, ByteBuf block) {
        return new BlockOp.Write(LegLayout.ownerSector(legSectors), block, true);
    }

    private static Mono<Sight> look(BlockDevice device, ByteBuf block) {
        long sector = LegLayout.ownerSector(device.info().sectorCount());
        return LegCall.of(device, new BlockOp.Read(sector, block)).then(Mono.fromSupplier(() -> {
            byte[] bytes = new byte[LegLayout.SLOT_BYTES];
            block.getBytes(0, bytes);
            return Sight.of(bytes);
        }));
    }

    private static Mono<Void> write(BlockDevice device, ByteBuf block) {
        return LegCall.of(device, op(device.info().sectorCount(), block));
    }

    private static <T> Mono<T> withBlock(Function<ByteBuf, Mono<T>> use) {
        return LegMemory.with(LegLayout.SLOT_BYTES, use);
    }

    private static <T> Mono<List<T>> onEach(List<BlockDevice> devices, Function<BlockDevice, Mono<T>> work) {
        List<Mono<T>> each = new ArrayList<>();
        devices.forEach(device -> each.add(work.apply(device)));
        return Flux.mergeSequential(each, LegLayout.LEGS_MAX, 1).collectList();
    }
}
