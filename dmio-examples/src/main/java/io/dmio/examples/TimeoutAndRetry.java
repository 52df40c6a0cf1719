package io.dmio.examples;

import io.dmio.DmIo;
import io.dmio.ErrorBits;
import io.dmio.IoMemory;
import io.dmio.IoRegion;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Handles a disk that does not answer: {@code timeout} stops the waiting, {@code retryWhen} asks again. The disk keeps the first attempt
 * until it answers, with its pages and a reference to the memory: the same bytes may be written again, but no other bytes may be put into
 * that memory yet.
 */
public final class TimeoutAndRetry {

    private TimeoutAndRetry() {}

    /**
     * Writes with a timeout and retries.
     *
     * @param client with pages for every attempt that may hang
     * @param legs where to write
     * @param memory what to write
     * @param patience the timeout of each attempt
     * @return bit <i>i</i> if leg <i>i</i> failed; errors after three more attempts without an answer
     */
    public static Mono<ErrorBits> write(DmIo client, List<IoRegion> legs, IoMemory memory, Duration patience) {
        return client.write(legs, memory)
                .timeout(patience)
                .retryWhen(Retry.backoff(3, Duration.ofMillis(100)).filter(TimeoutException.class::isInstance));
    }
}
