package io.dmio;

import io.dmio.budget.BudgetedWork;
import io.dmio.budget.Ticket;
import io.dmio.concurrent.Custody;
import io.dmio.concurrent.Ending;
import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;

/**
 * Reads a region as a stream of buffers, in order, a bounded number of them ahead. A buffer is taken from the pool when its pages are
 * granted, is charged while the device fills it, and belongs to the subscriber from then on.
 */
final class StreamRead {

    /** The most buffers that are read before the subscriber asks for them. */
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
        this.region = Objects.requireNonNull(region, "region");
        this.bufferBytes = pagesPerBuffer * Sectors.PAGE_BYTES;
    }

    Flux<ByteBuf> run() {
        return Flux.defer(() -> {
            budget.checkOpen();
            var refusal =
                    RequestLeg.refusal(BlockOp.Kind.READ, region); // whole, as by any read: nothing is transferred
            return refusal.isPresent()
                    ? Flux.error(refusal.get())
                    : Flux.using(() -> new Custody<>(Part::release), this::buffers, Custody::close);
        });
    }

    private Flux<ByteBuf> buffers(Custody<Part> ahead) {
        Ending ending = new Ending();
        return Sectors.steps(region.bytes(), bufferBytes)
                .concatMap(this::inTurn, 0)
                .flatMapSequential(from -> part(from, ahead), AHEAD_MAX, 1)
                .takeUntil(part -> part.failure != null)
                .<ByteBuf>handle((part, sink) -> deliver(part, ahead, ending, sink))
                .concatWith(ending.signal());
    }

    // The last part waits for no turn: nothing comes after it.
    private Flux<Long> inTurn(long from) {
        return from + bufferBytes < region.bytes() ? Flux.just(from).concatWith(budget.turn()) : Flux.just(from);
    }

    /** Reads one buffer. A failure travels as a value until it is its turn, so that what was read before it is delivered first. */
    private Mono<Part> part(long from, Custody<Part> ahead) {
        long sectors = Math.min(bufferBytes, region.bytes() - from) / Sectors.BYTES;
        IoRegion share = region.slice(from / Sectors.BYTES, sectors);
        return Mono.defer(() -> {
                    int pages = (int) Math.min(Sectors.pagesOf(share.bytes()), budget.checkOpen());
                    return new BudgetedWork<>(
                            budget.account(), pages, () -> filled(share, pages, ahead), Ticket.SEATED);
                })
                .onErrorResume(thrown -> Mono.just(ahead.keep(new Part(null, 0, thrown))));
    }

    // Never cancelled, as it runs while pages are held: the memory is there until the last piece has been answered.
    private Mono<Part> filled(IoRegion share, int pages, Custody<Part> ahead) {
        VmBuffer memory = VmBuffer.allocate((int) share.bytes());
        PageBudget granted = new PageBudget(pages, 0); // larger reads go through what was granted, piece by piece
        return new Dispatch(IoRequest.read(share, memory), granted, transferBytesMax, true)
                .map(bits -> new Part(memory, (int) share.bytes(), bits.cause(0).orElse(null)))
                .onErrorResume(thrown -> Mono.just(new Part(memory, 0, thrown)))
                .map(ahead::keep);
    }

    private static void deliver(Part part, Custody<Part> ahead, Ending ending, SynchronousSink<ByteBuf> sink) {
        if (part.failure != null) {
            ending.fail(part.failure);
        } else if (ahead.take(part) && part.memory != null) { // else it was cancelled
            sink.next(part.memory.buffer().setIndex(0, part.bytes));
        }
    }

    /** One buffer that was read, or the reason why it was not. */
    private static final class Part {
        private final @Nullable VmBuffer memory;
        private final int bytes;
        private final @Nullable Throwable failure;

        Part(@Nullable VmBuffer memory, int bytes, @Nullable Throwable failure) {
            this.memory = memory;
            this.bytes = bytes;
            this.failure = failure;
        }

        void release() {
            if (memory != null) {
                memory.release();
            }
        }
    }
}
