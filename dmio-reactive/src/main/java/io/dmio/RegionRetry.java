package io.dmio;

import io.dmio.concurrent.Deferred;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Repeats a request for those of its regions that failed, and only for those. Reactor's {@code retryWhen} alone would repeat
 * all of it, and does not see failures of regions, which are values.
 *
 * <p>Failures of a flush are not retried: a flush, a write whose preflush failed, and a write that was forced by a flush. A
 * device reports a loss only once, so the next flush would succeed and hide it. Write again what was written since the last
 * successful flush.
 */
public final class RegionRetry {

    private RegionRetry() {}

    /**
     * Runs a request, and then runs it again for the regions that failed, as often as {@code retry} says.
     *
     * @param client the client that runs it; each time the request waits for pages anew
     * @param request any
     * @param retry how often and when, such as {@code Retry.backoff(3, Duration.ofMillis(100))}. It sees the failure of the
     *     first region that failed, a {@link DeviceException}, so a filter may look at its errno
     * @return a Mono of the bits of the request's own regions: those that failed each time, with the last cause of each, and
     *     those that failed by a flush; no bit if all succeeded in the end. Errors, without a retry, with what {@link DmIo#run}
     *     errors with, and with what the retry itself fails with. Cold; a cancel also ends a pause
     */
    public static Mono<ErrorBits> run(DmIo client, IoRequest request, Retry retry) {
        Objects.requireNonNull(client, "client");
        Objects.requireNonNull(request, "request");
        Objects.requireNonNull(retry, "retry");
        return Mono.defer(() -> {
            Rest rest = new Rest(request);
            return Deferred.<ErrorBits>mono(() -> client.run(rest.request()))
                    .onErrorResume(failure -> {
                        rest.failed = failure; // the client's own: a retry would not help
                        return Mono.just(ErrorBits.NONE);
                    })
                    .flatMap(rest::after)
                    .retryWhen(retry)
                    .switchIfEmpty(Mono.defer(rest::ended)) // a retry may end by saying that it is over
                    .onErrorResume(rest::isGivenUp, givenUp -> Mono.just(rest.bits))
                    .flatMap(bits -> rest.failed == null ? Mono.just(bits) : Mono.error(rest.failed));
        });
    }

    /** What is left to be done; used by one signal after the other. */
    private static final class Rest {

        private final IoRequest whole;
        private int[] regions; // their places in the whole
        private ErrorBits bits = ErrorBits.NONE;
        private ErrorBits lost = ErrorBits.NONE; // those of them that failed by a flush
        private @Nullable DeviceException told; // what the retry was told last
        private @Nullable Throwable failed;

        Rest(IoRequest whole) {
            this.whole = whole;
            this.regions = IntStream.range(0, whole.regions().size()).toArray();
        }

        IoRequest request() {
            List<IoRegion> all = whole.regions();
            return regions.length == all.size()
                    ? whole
                    : whole.of(IntStream.of(regions).mapToObj(all::get).toList());
        }

        Mono<ErrorBits> after(ErrorBits outcome) {
            bits = outcome.failedRegions()
                    .mapToObj(i -> ErrorBits.of(regions[i], outcome.cause(i).orElseThrow()))
                    .reduce(ErrorBits.NONE, ErrorBits::or);
            bits = bits.or(lost);
            lost = lost.or(bits.failedRegions()
                    .filter(i -> why(i).during(BlockOp.Kind.FLUSH))
                    .mapToObj(i -> ErrorBits.of(i, why(i)))
                    .reduce(ErrorBits.NONE, ErrorBits::or));
            int[] left = bits.failedRegions().filter(i -> !lost.failed(i)).toArray();
            if (left.length == 0) {
                return Mono.just(bits);
            }
            regions = left;
            DeviceException first = why(left[0]);
            told = first;
            return Mono.error(first);
        }

        private DeviceException why(int region) {
            return bits.cause(region).orElseThrow();
        }

        /** Returns what failed in the last try; all regions if not even the first try ended. */
        Mono<ErrorBits> ended() {
            if (told != null) {
                return Mono.just(bits);
            }
            return Mono.just(IntStream.of(regions)
                    .mapToObj(i -> ErrorBits.of(i, cut(whole.regions().get(i))))
                    .reduce(ErrorBits.NONE, ErrorBits::or));
        }

        private DeviceException cut(IoRegion region) {
            return DeviceException.of(
                    Errno.ECANCELED,
                    region.device().info().name(),
                    whole.kind(),
                    region.sector(),
                    region.count(),
                    "the retry was over before it had ended");
        }

        boolean isGivenUp(Throwable end) {
            return end == told || end.getCause() == told;
        }
    }
}
