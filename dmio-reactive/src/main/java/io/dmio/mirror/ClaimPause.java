package io.dmio.mirror;

import io.dmio.BlockDevice;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The waiting of a start: if it takes long, the log says why.
 *
 * @param devices those of the start
 * @param timer measures the time
 * @param stop completes when nobody wants the start any more; it is refused then
 */
record ClaimPause(List<BlockDevice> devices, Scheduler timer, Mono<Void> stop) {

    private static final Logger LOG = LoggerFactory.getLogger(ClaimPause.class);

    Mono<Long> of(long nanos) {
        Duration pause = Duration.ofNanos(Math.max(nanos, 0));
        if (pause.toSeconds() > 0) {
            LOG.info("{}: waits {} s to see whether another has the mirror", leg(), pause.toSeconds());
        }
        return unlessStopped(Mono.delay(pause, timer));
    }

    /** Errors if nobody wants the start any more. */
    Mono<Void> none() {
        return unlessStopped(Mono.just(0L)).then();
    }

    /** Returns the waiting of a start that goes on to its end, as it has begun to change the legs. */
    ClaimPause toTheEnd() {
        return new ClaimPause(devices, timer, Mono.never());
    }

    private <T> Mono<T> unlessStopped(Mono<T> waiting) {
        return waiting.takeUntilOther(stop).switchIfEmpty(Mono.error(() -> ClaimRefusal.stopped(leg())));
    }

    private String leg() {
        return devices.get(0).info().name();
    }
}
