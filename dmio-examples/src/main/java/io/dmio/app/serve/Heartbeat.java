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
 * Says again and again that what is served is alive, each time because it has just answered: a process in which only the timers run is not
 * alive.
 */
final class Heartbeat implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger("io.dmio.app.serve");
    private static final Duration USUAL = Duration.ofSeconds(10); // if nobody waits for it
    private static final int IN_TIME = 3; // so many beats within the time that is waited for one

    private final Disposable beating;
    private boolean silent; // one beat is after another

    /**
     * @param pause the time between two beats, and the most that an answer may take
     * @param answer the answer of what is served, in a few words
     * @param alive told of each answer
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
     * Starts the heartbeat.
     *
     * @param patience how long the receiver waits for a beat; empty if without end
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
