package io.dmio.examples;

import io.dmio.DeviceException;
import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.IoMemory;
import io.dmio.IoRegion;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Reads the first leg and, if its error bit is set, the next. Failures are values, so this is a filter. {@link io.dmio.Replicas} also spreads
 * reads.
 */
public final class ReadWithFailOver {

    private ReadWithFailOver() {}

    /**
     * Reads from the first leg that can be read.
     *
     * @param client with pages
     * @param legs the same bytes on each
     * @param into at least as long as a leg
     * @return the index of the leg that was read; errors if none could be
     */
    public static Mono<Integer> read(DmIo client, List<IoRegion> legs, IoMemory into) {
        return Flux.range(0, legs.size())
                .concatMap(
                        i -> client.read(legs.get(i), into)
                                .filter(failed -> failed.isClear())
                                .map(clear -> i),
                        0) // 0: the next leg is not touched before it is needed
                .next()
                .switchIfEmpty(Mono.error(() -> DeviceException.of(Errno.EIO, "all legs", "none could be read")));
    }
}
