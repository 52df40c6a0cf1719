package io.dmio.app.serve;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Says again and again that what is served lives, each time because it has answered just now: a process whose timers run while nothing
 * else does is not alive.
 */
final class Heartbeat implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger("io.dmio.app.serve");
    private static final Duration USUAL = Duration.ofSeconds(10); // where nobody waits for it
    private static final int IN_TIME = 3; // so many times within what is waited for it

    private final Disposable beating;
    private boolean silent; // one beat is after another

    /**
     * @param pause between two times, and how long an answer may take
     * @param answer of what is served, in a few words
     * @param alive is told of each
     */
    Heartbeat(Duration pause, Mono<String> answer, Consumer<String> alive, Scheduler scheduler) {
        beating = Flux.interval(pause, scheduler)
                .onBackpressureDrop()
                .concatMap(
                        tick -> answer.timeout(
                                        pause,
                                        Mono.error(() -> new TimeoutException("nothing for " + pause)),
                                        scheduler)
                                .doOnNext(how -> {
                                    silent = false;
                                    alive.accept(how);
                                })
                                .then()
                                .onErrorResume(this::silent),
                        1)
                .subscribe();
    }

    private Mono<Void> silent(Throwable why) {
        if (!silent) {
            LOG.error("what is served does not answer, so it is not told to live: {}", why.getMessage());
        }
        silent = true;
        return Mono.empty();
    }

    /**
     * Begins.
     *
     * @param patience of who is told; empty if it has no end
     */
    static Heartbeat start(Optional<Duration> patience, Mono<String> answer, Consumer<String> alive) {
        Duration pause = patience.map(whole -> whole.dividedBy(IN_TIME)).orElse(USUAL);
        return new Heartbeat(pause, answer, alive, Schedulers.boundedElastic()); // telling may block
    }

    @Override
    public void close() {
        beating.dispose();
    }
}
