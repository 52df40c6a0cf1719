package io.dmio.app.measure;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.Sectors;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Keeps a variant's requests in flight: there are as many lanes as the variant is deep, and each submits its next request from where its last
 * one ended. Lanes share only the sequential places and the tally, so the load itself is cheap and the same for every engine.
 */
final class Load {

    private final DmIo client;
    private final Legs legs;
    private final Variant variant;
    private final Noise noise;
    private final long blocks;
    private final AtomicLong writePlace = new AtomicLong();
    private final List<AtomicLong> readPlaces; // each leg is read in its own sequence
    private final Tally tally = new Tally();
    private volatile boolean stopped;

    /**
     * Creates a load that does not run yet.
     *
     * @param client with pages for the whole depth
     * @param legs open
     * @param variant what to do
     * @param noise the memory for it
     */
    Load(DmIo client, Legs legs, Variant variant, Noise noise) {
        this.client = client;
        this.legs = legs;
        this.variant = variant;
        this.noise = noise;
        this.blocks = legs.bytes() / variant.blockBytes();
        this.readPlaces =
                Stream.generate(AtomicLong::new).limit(legs.devices().size()).toList();
    }

    /** Runs until {@link #stop}, and completes when nothing is in flight. Cold. */
    Mono<Void> run() {
        return Flux.range(0, variant.depth())
                .flatMap(lane -> new Lane(lane).run(), variant.depth())
                .then();
    }

    /** Stops the load: no request is submitted from here on. */
    void stop() {
        stopped = true;
    }

    Tally tally() {
        return tally;
    }

    /** Runs one request after the other, so its fields need no lock. */
    private final class Lane {
        private final int number;
        private final SplittableRandom random = new SplittableRandom();
        private long turn;
        private long startNanos;
        private int legOps;

        private Lane(int number) {
            this.number = number;
            this.turn = number;
        }

        Mono<Void> run() {
            return Mono.defer(this::next)
                    .doOnNext(bits -> tally.ended(System.nanoTime() - startNanos, legOps, bits))
                    .repeat(() -> !stopped)
                    .then()
                    .onErrorResume(refused -> {
                        tally.refused(refused);
                        return Mono.empty();
                    });
        }

        private Mono<ErrorBits> next() {
            turn++;
            boolean reads = random.nextInt(100) < variant.work().readPercent();
            startNanos = System.nanoTime();
            return reads ? read() : write();
        }

        private Mono<ErrorBits> read() {
            int leg = (int) (turn % legs.devices().size());
            legOps = 1;
            return client.read(region(legs.devices().get(leg), block(readPlaces.get(leg))), noise.toRead(number));
        }

        private Mono<ErrorBits> write() {
            long block = block(writePlace);
            List<IoRegion> regions = new ArrayList<>(legs.devices().size());
            for (BlockDevice device : legs.devices()) {
                regions.add(region(device, block));
            }
            legOps = regions.size();
            return client.write(regions, noise.toWrite(number, turn));
        }

        private long block(AtomicLong place) {
            return switch (variant.access()) {
                case RANDOM -> random.nextLong(blocks);
                case SEQUENTIAL -> place.getAndIncrement() % blocks;
            };
        }

        private IoRegion region(BlockDevice device, long block) {
            int sectors = variant.blockBytes() / Sectors.BYTES;
            return new IoRegion(device, block * sectors, sectors);
        }
    }
}
