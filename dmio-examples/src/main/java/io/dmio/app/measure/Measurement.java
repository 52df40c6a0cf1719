package io.dmio.app.measure;

import io.dmio.Capability;
import io.dmio.DmIo;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.Sectors;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Measures one variant once: opens, warms up, counts for a while, drains, flushes, closes. Blocks. */
final class Measurement {

    private final Legs.Source source;
    private final Mono<Void> stop;

    /**
     * Creates a way to measure.
     *
     * @param source opens the legs
     * @param stop ends a measurement early; it has no sample then
     */
    Measurement(Legs.Source source, Mono<Void> stop) {
        this.source = source;
        this.stop = stop;
    }

    /**
     * Measures a variant.
     *
     * @param variant what to measure
     * @param before the time before, which is not counted
     * @param time the time that is counted
     * @return the sample, or empty if it was stopped
     */
    Optional<Sample> run(Variant variant, Duration before, Duration time) {
        long pages = variant.depth() * Sectors.pagesOf(variant.blockBytes());
        DmIo client = DmIo.create().get(Math.toIntExact(pages));
        try (Legs legs = source.open(variant);
                Noise noise = new Noise(variant)) {
            Optional<Sample> sample = sample(new Load(client, legs, variant, noise), before, time);
            // What is left to write must not disturb the next measurement.
            return variant.work().writes() ? sample.map(measured -> measured.and(flush(client, legs))) : sample;
        } finally {
            client.close().block();
        }
    }

    private Optional<Sample> sample(Load load, Duration before, Duration time) {
        CompletableFuture<Void> running =
                load.run().subscribeOn(Schedulers.boundedElastic()).toFuture();
        try {
            if (!passes(before)) {
                return Optional.empty();
            }
            Interval interval = new Interval(load.tally());
            return passes(time) ? Optional.of(interval.end()) : Optional.empty();
        } finally {
            load.stop();
            running.join();
        }
    }

    private boolean passes(Duration time) {
        return Boolean.TRUE.equals(Mono.firstWithSignal(Mono.delay(time).thenReturn(true), stop.thenReturn(false))
                .block());
    }

    private static ErrorBits flush(DmIo client, Legs legs) {
        List<IoRegion> regions = legs.devices().stream()
                .filter(leg -> leg.info().can(Capability.FLUSH))
                .map(leg -> new IoRegion(leg, 0, 0))
                .toList();
        return client.flushSync(regions);
    }

    /** The interval that is counted, from its creation on. */
    private static final class Interval {
        private final Tally tally;
        private final Tally.Counts fromCounts;
        private final Usage from;

        private Interval(Tally tally) {
            this.tally = tally;
            tally.latencies(); // removes those of the warm-up
            this.from = Usage.now();
            this.fromCounts = tally.counts();
        }

        private Sample end() {
            Usage to = Usage.now();
            Tally.Counts counts = tally.counts(); // follows the clock here as it did there
            return new Sample(
                    to.nanos() - from.nanos(),
                    counts.requests() - fromCounts.requests(),
                    counts.legOps() - fromCounts.legOps(),
                    to.cpuNanos() - from.cpuNanos(),
                    to.allocatedSince(from),
                    tally.latencies(),
                    tally.errors(),
                    tally.cause());
        }
    }
}
