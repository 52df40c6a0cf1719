package io.dmio.fuzz;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/** A device that does what it was asked when it is told to, in any order, and sometimes fails it: before, or after it was done. */
final class LateDevice implements BlockDevice {

    private final BlockDevice next;
    private final List<Held> held = new ArrayList<>();

    private record Held(BlockOp op, ByteBuf memory, int others, MonoSink<Void> sink) {}

    LateDevice(BlockDevice next) {
        this.next = next;
    }

    @Override
    public DeviceInfo info() {
        return next.info();
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return Mono.create(sink -> {
            if (!next.info().refusal(op).isEmpty()) {
                sink.error(next.info().refusal(op).get());
                return;
            }
            ByteBuf memory = memoryOf(op);
            int before = memory.refCnt();
            int others = memory.retain().refCnt() == before ? 0 : 1; // none where nobody counts
            held.add(new Held(op, memory, others, sink));
        });
    }

    /** One that waits is done and answered; whether there was one. */
    boolean answer(Draw draw) {
        if (held.isEmpty()) {
            return false;
        }
        Held one = held.remove(draw.below(held.size()));
        int how = draw.below(8);
        if (how != 7) {
            next.submit(one.op).subscribe();
        }
        if (one.memory.refCnt() < 1 + one.others) {
            World.fault("memory of " + one.op + " was given up before the answer");
        }
        one.memory.release();
        if (how >= 6) {
            one.sink.error(DeviceException.of(Errno.EIO, info().name(), one.op, "as drawn"));
        } else {
            one.sink.success();
        }
        return true;
    }

    @Override
    public Mono<Void> close() {
        return next.close();
    }

    private static ByteBuf memoryOf(BlockOp op) {
        if (op instanceof BlockOp.Read read) {
            return read.into();
        }
        return op instanceof BlockOp.Write write ? write.from() : Unpooled.EMPTY_BUFFER;
    }
}
