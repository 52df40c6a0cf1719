package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceCall;
import io.dmio.DeviceException;
import io.dmio.DeviceFallback;
import io.dmio.Errno;
import io.dmio.FreshRead;
import java.time.Duration;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * One operation on a leg before the mirror runs on it, whatever its device can do itself. It is answered in time, or errors with ETIMEDOUT and
 * the leg's name; an operation that hangs goes on by itself. The time is in the subscriber's context, set by the code that starts the mirror or
 * adds the leg.
 */
final class LegCall {

    private static final Duration LEAST = Duration.ofSeconds(30); // a disk that sleeps takes so long

    private record Deadline(Duration time, Scheduler timer, Runnable allocates) {
        private static final Deadline DEFAULT = new Deadline(LEAST, Schedulers.parallel(), () -> {});

        private static Deadline in(ContextView context) {
            return context.<Deadline>getOrEmpty(Deadline.class).orElse(DEFAULT);
        }
    }

    private LegCall() {}

    static Mono<Void> of(BlockDevice device, BlockOp op) {
        return Mono.deferContextual(context -> {
            Deadline deadline = Deadline.in(context);
            Mono<Void> late = Mono.error(() -> DeviceException.of(
                    Errno.ETIMEDOUT,
                    device.info().name(),
                    op,
                    "no answer in " + deadline.time.toSeconds() + " s: the leg hangs; leave it out, or try again"));
            return DeviceCall.of(DeviceFallback.inOrder(device), op)
                    .timeout(deadline.time, late, deadline.timer)
                    .contextWrite(FreshRead::ask); // others may have written it
        });
    }

    /** Whether a leg answered, even if with an error. A leg that hangs would do so at each of its pages. */
    static boolean hasAnswered(Throwable failure) {
        return failure instanceof DeviceException known && known.errno() != Errno.ETIMEDOUT;
    }

    /**
     * Sets the time of calls, from the deadline that legs have while the mirror runs.
     *
     * @param timer measures the time
     */
    static UnaryOperator<Context> within(MirrorSettings settings, Scheduler timer) {
        Deadline deadline = new Deadline(time(settings.legDeadline), timer, settings.allocates);
        return context -> context.put(Deadline.class, deadline);
    }

    /** Called before memory for a call is allocated, so that simulations can let that fail. */
    static void allocates(ContextView context) {
        Deadline.in(context).allocates.run();
    }

    /** How long a start or an add waits for one operation of a leg. */
    static Duration time(Duration legDeadline) {
        return legDeadline.compareTo(LEAST) > 0 ? legDeadline : LEAST;
    }
}
