package io.dmio;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.util.context.Context;

/**
 * A request in its most common shape: a read, or a write without more ado, whose regions are all of one length that fits one
 * span of the request and one transfer of each device. Everything else is {@link FanOut}'s, which needs an operator chain a
 * leg; this is one object a request and one a leg, because that chain took half of the processor time of a small write
 * (docs/benchmarks.md). It promises the same: {@code FanOutPathsTest} runs both ways on the same requests and faults, and
 * {@code PageBudgetRaceTest} races the cancel.
 */
final class OneSpan extends BudgetedRun<ErrorBits> {

    private static final AtomicIntegerFieldUpdater<OneSpan> PENDING =
            AtomicIntegerFieldUpdater.newUpdater(OneSpan.class, "pending");

    private final IoRequest request;
    private final IoMemory memory;

    @SuppressWarnings("UnusedVariable") // read by its updater
    private volatile int pending; // legs that have not answered

    private @Nullable ByteBuf bytes; // shared by the legs: nobody moves its indexes
    private ErrorBits failed = ErrorBits.NONE; // guarded by this; read when all have answered

    private OneSpan(Dispatch of, IoMemory memory, CoreSubscriber<? super ErrorBits> actual) {
        super(of.budget(), pages(of.request()), of.ticket(), actual);
        this.request = of.request();
        this.memory = memory;
        this.pending = request.regions().size();
    }

    /**
     * A run of a request, or null if the request has another shape or a region of it is refused.
     *
     * @throws IllegalStateException if the budget is closed or has no pages
     */
    static @Nullable OneSpan of(Dispatch dispatch, CoreSubscriber<? super ErrorBits> actual) {
        IoRequest request = dispatch.request();
        IoMemory memory = request.memoryOrNull();
        List<IoRegion> regions = request.regions();
        if (memory == null || regions.isEmpty() || !isPlain(request.options())) {
            return null;
        }
        long count = regions.get(0).count();
        long bytesMax =
                Math.min(dispatch.transferBytesMax(), (long) dispatch.budget().checkOpen() * Sectors.PAGE_BYTES);
        if (count == 0 || regions.get(0).bytes() > bytesMax) {
            return null;
        }
        for (int i = 0; i < regions.size(); i++) { // by index: no iterator on this path
            IoRegion region = regions.get(i);
            if (region.count() != count || !suits(request, region)) {
                return null;
            }
        }
        return new OneSpan(dispatch, memory, actual);
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
    void hold() {
        ByteBuf view = memory.retainedView(0, (int) request.regions().get(0).bytes());
        bytes = reads() ? view : Span.alignedForAll(view, request.regions());
    }

    @Override
    void start() {
        List<IoRegion> regions = request.regions();
        BlockOp op = null;
        for (int i = 0; i < regions.size(); i++) {
            IoRegion region = regions.get(i);
            op = op == null || op.sector() != region.sector() ? op(region) : op; // a mirror's legs share it
            submit(region, op, new Answer(this, i));
        }
    }

    private static void submit(IoRegion region, BlockOp op, Answer answer) {
        try {
            region.device().submit(op).subscribe(answer);
        } catch (Throwable thrown) { // a device that throws has failed, its siblings have not
            answer.onError(thrown);
        }
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

    private void failed(int index, Throwable thrown) {
        IoRegion region = request.regions().get(index);
        DeviceException cause = DeviceException.wrap(region.device().info().name(), op(region), thrown);
        synchronized (this) {
            failed = failed.or(ErrorBits.of(index, cause));
        }
        if (reads()) {
            Bytes.zero(held(), 0, (int) region.bytes()); // never stale bytes
        }
    }

    private void answered() {
        if (PENDING.decrementAndGet(this) > 0) {
            return;
        }
        try {
            held().release();
        } catch (RuntimeException misused) { // released by somebody who did not own it
            fail(misused);
            return;
        }
        succeed(failed);
    }

    /** Where one leg's answer arrives. */
    private static final class Answer implements CoreSubscriber<Void> {

        private final OneSpan of;
        private final int index;
        private boolean ended;

        Answer(OneSpan of, int index) {
            this.of = of;
            this.index = index;
        }

        @Override
        public Context currentContext() {
            Context context = of.actual.currentContext();
            boolean last = index == of.request.regions().size() - 1; // the others run meanwhile
            return last || context.isEmpty() ? context : LentThread.withdraw(context);
        }

        @Override
        public void onSubscribe(Subscription ofDevice) {
            ofDevice.request(Long.MAX_VALUE); // never cancelled: what was submitted runs out
        }

        @Override
        public void onNext(Void never) {}

        @Override
        public void onError(Throwable thrown) {
            if (!ended) { // a device that signals twice must not end its siblings' I/O
                ended = true;
                try {
                    of.failed(index, thrown);
                } finally {
                    of.answered();
                }
            }
        }

        @Override
        public void onComplete() {
            if (!ended) {
                ended = true;
                of.answered();
            }
        }
    }
}
