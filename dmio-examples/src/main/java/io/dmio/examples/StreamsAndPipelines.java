package io.dmio.examples;

import io.dmio.DmIo;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.IoRequest;
import io.dmio.IoResult;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.List;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** Streams with backpressure: a region as a stream, a stream to many regions, a stream of requests. */
public final class StreamsAndPipelines {

    private StreamsAndPipelines() {}

    /**
     * Copies a region to others, without ever holding more than the budget.
     *
     * @param io with pages
     * @param source the source
     * @param targets the targets; each at least as long as the source
     * @return which targets failed
     */
    public static Mono<ErrorBits> copy(DmIo io, IoRegion source, List<IoRegion> targets) {
        Flux<ByteBuf> content = io.read(source, 64); // buffers of 64 pages; the subscriber releases each
        return io.write(targets, content) // buffers of any size; dmio releases each
                .timeout(Duration.ofSeconds(30))
                .retryWhen(Retry.max(3)); // cold: each try reads and writes once more
    }

    /**
     * Runs requests as fast as the disks take them, and no faster than the source gives them.
     *
     * @param io with pages
     * @param requests any number of requests; asked for only when a page is free
     * @return the requests that failed
     */
    public static Flux<IoResult> failures(DmIo io, Publisher<IoRequest> requests) {
        return Flux.from(requests)
                .transform(io::run)
                .filter(result -> !result.errorBits().isClear());
    }
}
