package io.dmio;

import io.dmio.concurrent.Answer;
import io.dmio.memory.Bytes;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One operation of a leg, which ends in error bits: a failure, from retaining the memory on, sets the leg's bit and is never an error signal,
 * which would cancel its siblings. Holds its part of the memory until the device has answered.
 */
final class LegIo extends Mono<ErrorBits> {

    private static final int PIECES_IN_FLIGHT_MAX = 64;

    private final RequestLeg leg;
    private final Span span;
    private final long from;
    private final int bytes;

    private LegIo(RequestLeg leg, Span span, long from, int bytes) {
        this.leg = leg;
        this.span = span;
        this.from = from;
        this.bytes = bytes;
    }

    /** Reads or writes a leg's share of a span, in as many pieces as the device's transfer limit asks for. */
    static Mono<ErrorBits> transfer(RequestLeg leg, Span span) {
        long share = Math.min(leg.region().bytes() - span.from(), span.bytes());
        int pieceBytes = leg.info().transferBytesMax();
        if (share <= pieceBytes) {
            return new LegIo(leg, span, span.from(), (int) share);
        }
        int pieces = (int) ((share + pieceBytes - 1) / pieceBytes);
        return Flux.range(0, pieces)
                .flatMap(
                        i -> {
                            long done = (long) i * pieceBytes;
                            return new LegIo(leg, span, span.from() + done, (int) Math.min(pieceBytes, share - done));
                        },
                        PIECES_IN_FLIGHT_MAX)
                .reduce(ErrorBits.NONE, ErrorBits::or);
    }

    @Override
    public void subscribe(CoreSubscriber<? super ErrorBits> actual) {
        actual.onSubscribe(new Run(this, actual));
    }

    /** One subscription; asks at the first request, and runs to its end even if it is cancelled. */
    private static final class Run extends Answer implements Subscription, Scannable {

        private final LegIo of;
        private final CoreSubscriber<? super ErrorBits> actual;
        private @Nullable ByteBuf view;
        private boolean asked;
        private volatile boolean cancelled;

        Run(LegIo of, CoreSubscriber<? super ErrorBits> actual) {
            this.of = of;
            this.actual = actual;
        }

        @Override
        @SuppressWarnings("rawtypes") // as Reactor declares it
        public @Nullable Object scanUnsafe(Attr key) {
            return key.equals(Attr.ACTUAL) ? actual : null;
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n) && !asked) {
                asked = true;
                ask();
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        protected Mono<?> assemble() {
            ByteBuf memory = of.span.retainedView(of.from, of.bytes);
            view = memory;
            return of.leg.device(of.span).submit(of.leg.op(memory, of.from, of.span));
        }

        @Override
        protected void ended(@Nullable Throwable failure) {
            ErrorBits bits = failure == null ? ErrorBits.NONE : failed(failure);
            try {
                if (view != null) {
                    view.release();
                }
            } catch (RuntimeException misused) { // released by code that did not own it
                bits = bits.or(failed(misused));
            }
            if (!cancelled) {
                actual.onNext(bits);
                actual.onComplete();
            }
        }

        private ErrorBits failed(Throwable failure) {
            try {
                ByteBuf memory = view;
                if (memory == null) {
                    return of.leg.failed(of.leg.withoutMemory(failure));
                }
                if (of.span.reads()) {
                    Bytes.zero(memory, 0, memory.capacity()); // never stale bytes: dm-io.c zeroes a failed bio, too
                }
                BlockOp op = of.leg.op(memory, of.from, of.span);
                return of.leg.failed(DeviceException.wrap(of.leg.info().name(), op, failure));
            } catch (Throwable again) { // no memory for its cause, or the memory is gone
                return ErrorBits.ofBits(1L << of.leg.index());
            }
        }
    }
}
