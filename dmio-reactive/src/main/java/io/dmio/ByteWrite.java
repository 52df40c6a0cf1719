package io.dmio;

import io.dmio.concurrent.Answer;
import io.dmio.concurrent.Deferred;
import io.dmio.concurrent.RangeLock;
import io.dmio.memory.Bytes;
import io.dmio.memory.Views;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.util.context.Context;

/**
 * One write of {@link DeviceBytes}. It waits for earlier writes that share a block with it, reads the blocks at its ends that it changes only
 * in part, and writes everything in one request.
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

    /**
     * The write's turn on the blocks that it touches: begins once they are locked for it, and ends once, whatever a device or a lack of
     * memory does.
     */
    private final class Turn extends Answer {
        private final ByteBuf from;
        private final int bytes;
        private final long first;
        private final long count;
        private final RangeLock.Range range;
        private final List<BioVector> vectors = new ArrayList<>(3);

        Turn(ByteBuf from, int bytes, long first, long count) {
            this.from = from;
            this.bytes = bytes;
            this.first = first;
            this.count = count;
            this.range = new RangeLock.Range(first, count, this::begin);
        }

        void begin() {
            if (cancelled) {
                release();
            } else {
                ask(); // never cancelled: the blocks stay locked until it ends
            }
        }

        @Override
        public Context currentContext() {
            return Context.of(sink.contextView());
        }

        @Override
        protected Mono<Void> assemble() {
            return Deferred.mono(this::write);
        }

        @Override
        protected void ended(@Nullable Throwable failure) {
            release();
            if (failure == null) {
                sink.success();
            } else if (!cancelled) { // a subscriber that cancelled is not told
                sink.error(failure);
            }
        }

        private void release() {
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
            Mono<Void> ready = headBytes > 0 ? changed(first, skip, 0, headBytes) : Mono.empty();
            if (middleBytes > 0) {
                vectors.add(new BioVector(from, headBytes, middleBytes));
            }
            if (tailBytes > 0) {
                ready = ready.then(changed(first + count - 1, 0, bytes - tailBytes, tailBytes));
            }
            return ready.then(Mono.defer(
                            () -> to.client().write(List.of(to.blocks(first, count)), BioVectors.of(vectors))))
                    .flatMap(DeviceBytes::toSignal);
        }

        /** Prepares a block that changes only in part: reads it, then copies the caller's bytes into it; the rest stays as it was. */
        private Mono<Void> changed(long block, int skip, int index, int length) {
            ByteBuf memory = PagePool.shared().allocate(to.blockBytes());
            held.add(memory);
            vectors.add(new BioVector(memory, 0, to.blockBytes()));
            return to.client()
                    .read(to.blocks(block, 1), VmBuffer.of(memory))
                    .flatMap(DeviceBytes::toSignal)
                    .then(Deferred.mono(() -> {
                        Bytes.copy(from, index, memory, skip, length);
                        return Mono.empty();
                    }));
        }
    }
}
