package io.dmio.examples;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.ForwardingDevice;
import io.dmio.device.MemoryDevice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;

/** A disk with a volatile cache, whose power goes after so many operations: of each sector that was not flushed either content is left. */
final class PoweredDisk extends ForwardingDevice {

    private final AtomicInteger operationsLeft;
    private final TreeMap<Long, ByteBuf> durable = new TreeMap<>(); // what an unflushed sector was before

    PoweredDisk(MemoryDevice disk, AtomicInteger operationsLeft) {
        super(disk);
        this.operationsLeft = operationsLeft;
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return Mono.defer(() -> run(op));
    }

    private synchronized Mono<Void> run(BlockOp op) {
        boolean last = operationsLeft.get() == 1 && op instanceof BlockOp.Write;
        if (operationsLeft.getAndDecrement() <= 0 || last) {
            operationsLeft.set(0);
            if (last) {
                change(op); // it is on its way when the power goes
                behind().submit(op).toFuture().join(); // of memory, at once
            }
            return Mono.error(DeviceException.of(Errno.EIO, info().name(), op, "no power"));
        }
        change(op);
        return Mono.defer(() -> behind().submit(op));
    }

    private void change(BlockOp op) {
        if (op instanceof BlockOp.Flush) {
            durable.clear();
        } else if (op instanceof BlockOp.Write write) {
            long end = write.sector() + write.from().capacity() / 512;
            for (long sector = write.sector(); sector < end; sector++) {
                if (write.fua()) {
                    durable.remove(sector);
                } else {
                    durable.computeIfAbsent(sector, this::read);
                }
            }
        }
    }

    private ByteBuf read(long sector) {
        ByteBuf bytes = Unpooled.wrappedBuffer(new byte[512]);
        behind().submit(new BlockOp.Read(sector, bytes)).toFuture().join(); // of memory, at once
        return bytes;
    }

    /** What was not flushed is kept or lost, each sector by itself. */
    synchronized void powerOn(Random random) {
        durable.forEach((sector, before) -> {
            if (random.nextBoolean()) {
                behind().submit(new BlockOp.Write(sector, before, false))
                        .toFuture()
                        .join(); // of memory, at once
            }
        });
        durable.clear();
    }

    @Override
    public Mono<Void> close() {
        return Mono.empty();
    }
}
