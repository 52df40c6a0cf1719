package io.dmio;

import io.dmio.concurrent.RangeLock;
import io.dmio.memory.Bytes;
import io.dmio.memory.Views;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * One write of {@link DeviceBytes}: waits for those before it that share a block, reads the blocks at its ends that it changes in part,
 * and writes all of it in one request.
 */
final class ByteWrite {

    private final DeviceBytes to;
    private final long position;
    private final MonoSink<Void> sink;
    private final List<ByteBuf> held = new ArrayList<>(3);
    private volatile boolean cancelled;

    ByteWrite(DeviceBytes to, long position, MonoSink<Void> sink) {
        this.to = to;
        this.position = position;
        this.sink = sink;
    }

    void start(ByteBuf from, int index, int bytes) {
        ByteBuf mine = Views.retainedSlice(from, index, bytes);
        try {
            to.enterWrite();
        } catch (RuntimeException refused) {
            mine.release();
            throw refused;
        }
        held.add(mine);
        sink.onCancel(() -> cancelled = true);
        long first = position / to.blockBytes();
        long count = (position + bytes - 1) / to.blockBytes() + 1 - first;
        Turn turn = new Turn(mine, bytes, first, count);
        if (to.locks().enter(turn.range)) {
            turn.begin();
        }
    }

    /** The blocks that it touches, from when they are its own. */
    private final class Turn {
        private final ByteBuf from;
        private final int bytes;
        private final long first;
        private final long count;
        private final RangeLock.Range range;

        Turn(ByteBuf from, int bytes, long first, long count) {
            this.from = from;
            this.bytes = bytes;
            this.first = first;
            this.count = count;
            this.range = new RangeLock.Range(first, count, this::begin);
        }

        void begin() {
            if (cancelled) {
                end();
                return;
            }
            Mono.defer(this::write) // nobody cancels this: the blocks are its own until it is over
                    .subscribe(never -> {}, this::fail, this::succeed);
        }

        private void succeed() {
            end();
            sink.success();
        }

        private void fail(Throwable why) {
            end();
            if (!cancelled) { // who left does not hear of it
                sink.error(why);
            }
        }

        private void end() {
            held.forEach(ByteBuf::release);
            to.leaveWrite();
            to.locks().unlock(range);
        }

        private Mono<Void> write() {
            int unit = to.blockBytes();
            int skip = (int) (position - first * unit);
            int headBytes = skip == 0 && bytes >= unit ? 0 : Math.min(unit - skip, bytes);
            int middleBytes = (bytes - headBytes) / unit * unit;
            int tailBytes = bytes - headBytes - middleBytes;
            List<BioVector> vectors = new ArrayList<>(3);
            Mono<Void> ready = Mono.empty();
            if (headBytes > 0) {
                ByteBuf head = block(vectors);
                ready = read(first, head).doOnSuccess(done -> Bytes.copy(from, 0, head, skip, headBytes));
            }
            if (middleBytes > 0) {
                vectors.add(new BioVector(from, headBytes, middleBytes));
            }
            if (tailBytes > 0) {
                ByteBuf tail = block(vectors);
                ready = ready.then(read(first + count - 1, tail))
                        .doOnSuccess(done -> Bytes.copy(from, bytes - tailBytes, tail, 0, tailBytes));
            }
            return ready.then(Mono.defer(
                            () -> to.client().write(List.of(to.blocks(first, count)), BioVectors.of(vectors))))
                    .flatMap(DeviceBytes::toSignal);
        }

        private ByteBuf block(List<BioVector> vectors) {
            ByteBuf block = PagePool.shared().allocate(to.blockBytes());
            held.add(block);
            vectors.add(new BioVector(block, 0, to.blockBytes()));
            return block;
        }

        private Mono<Void> read(long block, ByteBuf into) {
            return to.client().read(to.blocks(block, 1), VmBuffer.of(into)).flatMap(DeviceBytes::toSignal);
        }
    }
}
