package io.dmio.mirror;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** The waiting of a start: if it takes long, the log says why. */
final class ClaimPause {

    private static final Logger LOG = LoggerFactory.getLogger(ClaimPause.class);

    private ClaimPause() {}

    static Mono<Long> of(long nanos, String leg, Scheduler timer) {
        Duration pause = Duration.ofNanos(Math.max(nanos, 0));
        if (pause.toSeconds() > 0) {
            LOG.info("{}: waits {} s to see whether another has the mirror", leg, pause.toSeconds());
        }
        return Mono.delay(pause, timer);
    }
}
