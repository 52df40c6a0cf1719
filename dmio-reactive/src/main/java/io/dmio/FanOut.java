package io.dmio;

import io.dmio.budget.Ticket;
import io.dmio.concurrent.Trampoline;
import io.dmio.memory.Bytes;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One run of one request: refuses what cannot work, cuts the rest into {@linkplain Span spans} that fit the budget, and
 * merges the legs' answers, as {@code dispatch_io} and {@code dec_count} do (dm-io.c). A failure stops nothing: the other
 * pieces and the other legs go on.
 */
final class FanOut {

    private static final int SPANS_IN_FLIGHT_MAX = 256;

    private final IoRequest request;
    private final PageBudget budget;
    private final int pagesMax;
    private final Ticket ticket;
    private final int transferBytesMax;
    private final List<RequestLeg> legs;
    private ErrorBits refused = ErrorBits.NONE; // written only while planning

    /**
     * Plans the run for the pages that the budget has now; what this plan cuts runs even after some pages were put.
     *
     * @throws IllegalStateException if the budget is closed or has no pages
     */
    FanOut(IoRequest request, PageBudget budget, Ticket ticket, int transferBytesMax) {
        this.request = request;
        this.budget = budget;
        this.pagesMax = budget.checkOpen();
        this.ticket = ticket;
        this.transferBytesMax = transferBytesMax;
        this.legs = new ArrayList<>(request.regions().size());
        plan();
    }

    private void plan() {
        List<IoRegion> regions = request.regions();
        for (int i = 0; i < regions.size(); i++) {
            IoRegion region = regions.get(i);
            if (region.count() == 0
                    && request.kind() != BlockOp.Kind.FLUSH
                    && !request.options().preflush()) {
                continue; // skipped without shifting the bits of those after it
            }
            RequestLeg leg = new RequestLeg(i, region);
            leg.refusal(request).ifPresentOrElse(no -> refused = refused.or(leg.failed(no)), () -> legs.add(leg));
        }
        if (request.kind() == BlockOp.Kind.READ && !refused.isClear()) {
            zero(request.memory().orElseThrow(), regions.get(0).bytes());
        }
    }

    /** Assembles the run; the devices are touched when it is subscribed. */
    Mono<ErrorBits> start() {
        if (legs.isEmpty()) {
            return Mono.create(sink -> Trampoline.run(sink, () -> sink.success(refused)));
        }
        return switch (request.kind()) {
            case READ -> transfer(legs, refused, ticket);
            case WRITE -> request.options().preflush() ? flushThenWrite() : transfer(legs, refused, ticket);
            case FLUSH -> command(leg -> new BlockOp.Flush());
            case DISCARD ->
                command(leg ->
                        new BlockOp.Discard(leg.region().sector(), leg.region().count()));
            case WRITE_ZEROES ->
                command(leg -> new BlockOp.WriteZeroes(
                        leg.region().sector(), leg.region().count()));
        };
    }

    private Mono<ErrorBits> command(Function<RequestLeg, BlockOp> command) {
        Mono<ErrorBits> ended = new CommandStep(budget, ticket, legs, command);
        return refused.isClear() ? ended : ended.map(refused::or);
    }

    // The write is accepted together with the flush: it is not refused halfway, whatever is put or closed meanwhile.
    private Mono<ErrorBits> flushThenWrite() {
        // Before anything is flushed, refuses what cannot be written.
        requireMemory(cut(legs).bytes);
        return budget.holding(held -> command(leg -> new BlockOp.Flush()).flatMap(failed -> {
            List<RequestLeg> good = legs.stream()
                    .filter(leg -> !failed.failed(leg.index()) && leg.region().count() > 0)
                    .toList();
            return good.isEmpty() ? Mono.just(failed) : transfer(good, failed, held);
        }));
    }

    private Mono<ErrorBits> transfer(List<RequestLeg> to, ErrorBits known, Ticket first) {
        Cut cut = cut(to);
        if (cut.bytes > cut.spanBytes) {
            requireMemory(cut.bytes); // before the first span has done anything
            return spans(cut, first).map(known::or);
        }
        Mono<ErrorBits> ended = span(to, first, 0, (int) cut.bytes);
        return known.isClear() ? ended : ended.map(known::or);
    }

    /** A transfer in spans: its legs, its length, and the length of each span. */
    private record Cut(List<RequestLeg> to, long bytes, int spanBytes) {}

    private Cut cut(List<RequestLeg> to) {
        long bytes = 0;
        int blockBytes = Sectors.BYTES;
        for (RequestLeg leg : to) {
            bytes = Math.max(bytes, leg.region().bytes());
            blockBytes = Math.max(blockBytes, leg.info().logicalBlockBytes());
        }
        return new Cut(to, bytes, spanBytes(blockBytes));
    }

    /** Runs the spans. The first one may be refused, as nothing has been done then; those after it never are. */
    private Mono<ErrorBits> spans(Cut cut, Ticket first) {
        return first.part() == null ? budget.holding(held -> spans(cut, first, held)) : spans(cut, first, first);
    }

    /**
     * Spans ask for pages one after the other, and end in any order. The turn between them keeps a request to one place in the queue, so that
     * large requests alternate with others.
     */
    private Mono<ErrorBits> spans(Cut cut, Ticket first, Ticket others) {
        Function<Long, Mono<ErrorBits>> run = from -> {
            int length = (int) Math.min(cut.spanBytes, cut.bytes - from);
            return span(cut.to, from == 0 ? first : others, from, length);
        };
        return Sectors.steps(cut.bytes, cut.spanBytes)
                .concatMap(
                        from -> from + cut.spanBytes < cut.bytes
                                ? Flux.just(from).concatWith(budget.turn(others))
                                : Flux.just(from),
                        0)
                .flatMap(run, SPANS_IN_FLIGHT_MAX)
                .reduce(ErrorBits.NONE, ErrorBits::or);
    }

    private Mono<ErrorBits> span(List<RequestLeg> to, Ticket shown, long from, int bytes) {
        return SpanStep.of(new SpanStep.Place(request, budget, from, bytes), shown, to);
    }

    private int spanBytes(int blockBytes) {
        long free = (long) pagesMax * Sectors.PAGE_BYTES;
        long span = Math.min(free, Math.max(transferBytesMax, blockBytes)) / blockBytes * blockBytes;
        if (span == 0) {
            throw new IllegalStateException("a budget of " + pagesMax + " pages is less than one block of " + blockBytes
                    + " bytes: get(pages) more");
        }
        return (int) span;
    }

    /** Throws if some of the memory was released before. */
    private void requireMemory(long bytes) {
        IoMemory memory = request.memoryOrNull();
        if (memory != null) {
            each(memory, bytes, view -> {});
        }
    }

    private static void zero(IoMemory memory, long bytes) {
        each(memory, bytes, view -> Bytes.zero(view, 0, view.capacity()));
    }

    private static void each(IoMemory memory, long bytes, Consumer<ByteBuf> act) {
        for (long at = 0; at < bytes; at += 1 << 20) {
            ByteBuf view = memory.retainedView(at, (int) Math.min(1 << 20, bytes - at));
            try {
                act.accept(view);
            } finally {
                view.release();
            }
        }
    }
}
