package io.dmio;

import io.dmio.budget.Ticket;
import io.dmio.memory.Bytes;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A step that transfers a span of a request to or from all legs that reach that far. */
final class SpanStep extends Step {

    private final IoRequest request;
    private final long from;
    private final int bytes;
    private @Nullable Span held;

    private SpanStep(Place at, Ticket ticket, List<RequestLeg> legs) {
        super(at.budget, ticket, legs);
        this.request = at.request;
        this.from = at.from;
        this.bytes = at.bytes;
    }

    /** The place of a span: which bytes of which request, and the budget whose pages they take. */
    record Place(IoRequest request, PageBudget budget, long from, int bytes) {}

    /** Returns the step of a span, for the legs whose region is longer than what is before the span. */
    static SpanStep of(Place at, Ticket ticket, List<RequestLeg> legs) {
        List<RequestLeg> reached = at.from == 0
                ? legs
                : legs.stream().filter(leg -> leg.region().bytes() > at.from).toList();
        return new SpanStep(at, ticket, reached);
    }

    @Override
    int pages() {
        return (int) Sectors.pagesOf(bytes);
    }

    @Override
    void hold() {
        held = Span.of(request, from, bytes, alignmentBytes());
    }

    @Override
    void letGo() {
        span().release();
    }

    @Override
    Mono<?> assemble(RequestLeg leg) {
        return LegIo.transfer(leg, span());
    }

    @Override
    void zero(RequestLeg leg) {
        if (request.kind() == BlockOp.Kind.READ) {
            ByteBuf view = memory().retainedView(from, bytes);
            Bytes.zero(view, 0, bytes); // never stale bytes
            view.release();
        }
    }

    @Override
    DeviceException cause(RequestLeg leg, Throwable thrown) {
        if (held == null) {
            return leg.withoutMemory(thrown);
        }
        return DeviceException.wrap(leg.info().name(), leg.op(held.whole(), from, held), thrown);
    }

    private int alignmentBytes() {
        if (legs().size() == 1 || request.kind() == BlockOp.Kind.READ) {
            return 0; // the device itself copies, if it must
        }
        return legs().stream()
                .mapToInt(leg -> leg.info().memoryAlignmentBytes())
                .max()
                .orElse(1);
    }

    private IoMemory memory() {
        return request.memory().orElseThrow();
    }

    private Span span() {
        return Objects.requireNonNull(held, "held");
    }
}
