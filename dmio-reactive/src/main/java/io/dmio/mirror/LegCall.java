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
 * One operation asked of a leg before the mirror runs on it, whatever its device can: it is answered in time, or ends with ETIMEDOUT and
 * the leg's name. What hangs goes on by itself. The time is in the subscriber's context, as whoever starts or adds knows it.
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

    /** Whether a leg answered, though with an error: one that hangs would do so at each of its pages. */
    static boolean hasAnswered(Throwable failure) {
        return failure instanceof DeviceException known && known.errno() != Errno.ETIMEDOUT;
    }

    /**
     * Sets the time by what a mirror's legs have while it runs.
     *
     * @param timer measures it
     */
    static UnaryOperator<Context> within(MirrorSettings settings, Scheduler timer) {
        Deadline deadline = new Deadline(time(settings.legDeadline), timer, settings.allocates);
        return context -> context.put(Deadline.class, deadline);
    }

    /** Memory for a call is about to be allocated: for simulations that let it fail. */
    static void allocates(ContextView context) {
        Deadline.in(context).allocates.run();
    }

    /** How long a start or an add waits for one operation of a leg. */
    static Duration time(Duration legDeadline) {
        return legDeadline.compareTo(LEAST) > 0 ? legDeadline : LEAST;
    }
}
