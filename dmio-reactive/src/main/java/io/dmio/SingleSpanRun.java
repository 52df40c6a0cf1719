package io.dmio;

import io.dmio.budget.Ticket;
import io.dmio.memory.Bytes;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/**
 * A run of a request in its most common shape: a read, or a write without preflush or stable copy, whose regions all have one length that
 * fits one span of the request and one transfer of each device. All other requests are run by {@link FanOut}, which plans and needs
 * operators. This is one object per request and one per leg, because a chain of operators took half of the processor time of a small write
 * (docs/benchmarks.md). It promises the same: {@code FanOutPathsTest} and {@code LegEndsTest} run both ways on the same requests and faults,
 * and {@code PageBudgetRaceTest} races the cancel.
 */
final class SingleSpanRun extends FanIn {

    private final IoRequest request;
    private final IoMemory memory;

    private @Nullable ByteBuf bytes; // shared by the legs: nobody moves its indexes
    private @Nullable BlockOp op; // of the leg before: a mirror's legs share it

    /** Creates the run of a request that {@link #suits}. */
    SingleSpanRun(IoRequest request, PageBudget budget, Ticket ticket, CoreSubscriber<? super ErrorBits> actual) {
        super(budget, pages(request), ticket, actual);
        this.request = request;
        this.memory = Objects.requireNonNull(request.memoryOrNull(), "memory");
    }

    /**
     * Returns whether a request has that shape, and no region of it is refused.
     *
     * @throws IllegalStateException if the budget is closed or has no pages
     */
    static boolean suits(IoRequest request, PageBudget budget, int transferBytesMax) {
        List<IoRegion> regions = request.regions();
        if (request.memoryOrNull() == null || regions.isEmpty() || !isPlain(request.options())) {
            return false;
        }
        long count = regions.get(0).count();
        long bytesMax = Math.min(transferBytesMax, (long) budget.checkOpen() * Sectors.PAGE_BYTES);
        if (count == 0 || regions.get(0).bytes() > bytesMax) {
            return false;
        }
        for (int i = 0; i < regions.size(); i++) { // by index: no iterator on this path
            IoRegion region = regions.get(i);
            if (region.count() != count || !suits(request, region)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPlain(WriteOptions options) {
        return !options.preflush() && !options.stableCopy();
    }

    private static boolean suits(IoRequest request, IoRegion region) {
        DeviceInfo info = region.device().info();
        return region.bytes() <= info.transferBytesMax()
                && (!request.options().fua() || info.can(Capability.FUA))
                && info.refusal(request.kind(), region.sector(), region.count()).isEmpty();
    }

    private static int pages(IoRequest request) {
        return (int) Sectors.pagesOf(request.regions().get(0).bytes());
    }

    private boolean reads() {
        return request.kind() == BlockOp.Kind.READ;
    }

    @Override
    protected void hold() {
        ByteBuf view = memory.retainedView(0, (int) request.regions().get(0).bytes());
        bytes = reads() ? view : Span.alignedForAll(view, request.regions());
    }

    @Override
    protected int parts() {
        return request.regions().size();
    }

    @Override
    int bit(int leg) {
        return leg;
    }

    @Override
    Mono<?> assemble(int leg) {
        IoRegion region = request.regions().get(leg);
        BlockOp shared = op;
        if (shared == null || shared.sector() != region.sector()) {
            shared = op(region);
            op = shared;
        }
        return region.device().submit(shared);
    }

    private BlockOp op(IoRegion region) {
        return reads()
                ? new BlockOp.Read(region.sector(), held())
                : new BlockOp.Write(region.sector(), held(), request.options().fua());
    }

    private ByteBuf held() {
        if (bytes == null) {
            throw new IllegalStateException("nothing is held");
        }
        return bytes;
    }

    @Override
    void zero(int leg) {
        if (reads()) {
            Bytes.zero(held(), 0, held().capacity()); // never stale bytes
        }
    }

    @Override
    DeviceException cause(int leg, Throwable thrown) {
        IoRegion region = request.regions().get(leg);
        return DeviceException.wrap(region.device().info().name(), op(region), thrown);
    }

    @Override
    void letGo() {
        held().release();
    }
}
