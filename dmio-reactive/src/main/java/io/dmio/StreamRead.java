package io.dmio;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.core.publisher.SynchronousSink;

/**
 * A region as a stream of buffers, in order, read ahead by a bounded number. A buffer's pages are charged while the device
 * fills them and belong to the subscriber from then on.
 */
final class StreamRead {

    /** How many buffers are read before the subscriber asked for them. */
    static final int AHEAD_MAX = 4;

    private final PageBudget budget;
    private final int transferBytesMax;
    private final IoRegion region;
    private final int bufferBytes;

    StreamRead(PageBudget budget, int transferBytesMax, IoRegion region, int pagesPerBuffer) {
        if (pagesPerBuffer < 1 || pagesPerBuffer > Integer.MAX_VALUE / Sectors.PAGE_BYTES) {
            throw new IllegalArgumentException(pagesPerBuffer + " pages a buffer: at least 1, and below 2 GiB");
        }
        this.budget = budget;
        this.transferBytesMax = transferBytesMax;
        this.region = region;
        this.bufferBytes = pagesPerBuffer * Sectors.PAGE_BYTES;
    }

    Flux<ByteBuf> run() {
        return Sectors.steps(region.bytes(), bufferBytes)
                .concatMap(this::inTurn, 0)
                .flatMapSequential(this::part, AHEAD_MAX, 1)
                .handle(Part::deliver)
                .doOnDiscard(Part.class, Part::release);
    }

    // The last part waits for no turn: nothing comes after it.
    private Flux<Long> inTurn(long from) {
        return from + bufferBytes < region.bytes() ? Flux.just(from).concatWith(budget.turn()) : Flux.just(from);
    }

    private Mono<Part> part(long from) {
        long sectors = Math.min(bufferBytes, region.bytes() - from) / Sectors.BYTES;
        IoRegion share = region.slice(from / Sectors.BYTES, sectors);
        return Mono.defer(() -> {
            Part part = new Part(VmBuffer.allocate((int) share.bytes()));
            return new Dispatch(IoRequest.read(share, part.memory), budget, transferBytesMax, true)
                    .map(part::ended)
                    .doOnError(thrown -> part.release())
                    .doOnCancel(part::drop)
                    .doFinally(part::releaseAfter);
        });
    }

    /**
     * One buffer on its way. A cancel reaches it from several sides, in the queue and at its source, so it knows itself
     * whether it still is to be given up. A failure travels as a value until it is its turn, so that what was read before
     * it is delivered first.
     */
    private static final class Part extends AtomicBoolean {
        private static final long serialVersionUID = 1L;

        private final transient VmBuffer memory;
        private transient ErrorBits outcome = ErrorBits.NONE;
        private volatile boolean ended;
        private volatile boolean dropped;

        Part(VmBuffer memory) {
            this.memory = memory;
        }

        Part ended(ErrorBits bits) {
            outcome = bits;
            ended = true;
            if (dropped) {
                release();
            }
            return this;
        }

        /** Cancelled: what has ended is in nobody's hands any more; what has not is released once it was withdrawn. */
        void drop() {
            dropped = true;
            if (ended) {
                release();
            }
        }

        void deliver(SynchronousSink<ByteBuf> sink) {
            if (!outcome.isClear()) {
                release();
                sink.error(outcome.cause(0).orElseThrow());
            } else if (compareAndSet(false, true)) {
                sink.next(memory.buffer().setIndex(0, memory.buffer().capacity()));
            }
        }

        void releaseAfter(SignalType end) {
            if (end == SignalType.CANCEL) {
                release();
            }
        }

        void release() {
            if (compareAndSet(false, true)) {
                memory.release(); // what is in flight holds its own reference
            }
        }
    }
}
