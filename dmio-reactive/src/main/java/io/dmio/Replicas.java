package io.dmio;

import io.dmio.memory.Bytes;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import reactor.core.publisher.Mono;

/**
 * Regions that hold the same content, such as those that one request wrote. A read goes to the region with the fewest reads of
 * this object in flight, and to another one if that fails. A region that failed is tried last for a while. The caller ensures
 * that the regions hold the same: a region whose write failed no longer belongs here; {@code MirrorDevice} keeps legs equal. As
 * the read balancing of drivers/md/dm-raid1.c. Safe for use from any thread; keeps nothing open.
 *
 * <p>A leg that hangs instead of failing holds up a read until it answers: put a {@code DeadlineDevice} in front of each leg,
 * and the read goes to the next one after the deadline.
 */
public final class Replicas {

    private static final int DOUBT_READS = 256;
    private static final int STEP_BYTES = 1 << 20;

    private final DmIo client;
    private final List<IoRegion> regions;
    private final AtomicLong reads = new AtomicLong();
    private final AtomicIntegerArray inFlight;
    private final AtomicLongArray trustedFrom; // by region: the number of the first read that trusts it again

    private Replicas(DmIo client, List<IoRegion> regions) {
        this.client = Objects.requireNonNull(client, "client");
        this.regions = List.copyOf(Objects.requireNonNull(regions, "regions"));
        if (this.regions.isEmpty() || this.regions.size() > ErrorBits.REGIONS_MAX) {
            throw new IllegalArgumentException(this.regions.size() + " regions: 1 to " + ErrorBits.REGIONS_MAX);
        }
        for (IoRegion region : this.regions) {
            if (region.count() != this.regions.get(0).count()) {
                throw new IllegalArgumentException("regions of "
                        + this.regions.get(0).count() + " and of " + region.count() + " sectors do not hold the same");
            }
        }
        this.inFlight = new AtomicIntegerArray(this.regions.size());
        this.trustedFrom = new AtomicLongArray(this.regions.size());
    }

    /**
     * Returns an object that reads regions of one content.
     *
     * @param client the client that reads them, within its pages
     * @param regions 1 to 64 of one length
     * @return to be kept as long as they are read: it knows which are busy and which failed
     */
    public static Replicas of(DmIo client, List<IoRegion> regions) {
        return new Replicas(client, regions);
    }

    /**
     * The outcome of a read.
     *
     * @param region the region that was read, by its place among those given
     * @param failed the regions that were tried before and failed, with their causes: a caller would write these again to heal
     *     them
     */
    public record Result(int region, ErrorBits failed) {
        /** Checks for nulls. */
        public Result {
            Objects.requireNonNull(failed, "failed");
        }
    }

    /**
     * Reads all that the regions hold.
     *
     * @param into memory at least as long as a region
     * @return as {@link #read(long, long, IoMemory)}
     */
    public Mono<Result> read(IoMemory into) {
        return read(0, regions.get(0).count(), into);
    }

    /**
     * Reads a part of what the regions hold.
     *
     * @param sector the first sector, counted from the regions' first
     * @param sectorCount how many
     * @param into memory at least so long; borrowed as by {@link DmIo#read(IoRegion, IoMemory)}
     * @return a Mono of which region was read. Errors with a {@link DeviceException} if none could be read, and then the memory
     *     is zeroed: with the errno, device and range of the first failure, that failure as its cause, and those of the others
     *     suppressed in it. Also errors as the client's read does, for example if the client is closed. Cold
     * @throws IllegalArgumentException if the part is not inside the regions, or the memory is shorter or read-only
     */
    public Mono<Result> read(long sector, long sectorCount, IoMemory into) {
        Objects.requireNonNull(into, "into");
        List<IoRequest> requests = regions.stream()
                .map(region -> IoRequest.read(region.slice(sector, sectorCount), into))
                .toList();
        return Mono.defer(() -> new Attempts(requests).next(ErrorBits.NONE));
    }

    /** One read, which tries one region after the other. */
    private final class Attempts {

        private final List<IoRequest> requests;
        private final long number = reads.getAndIncrement();
        private long tried; // bits

        Attempts(List<IoRequest> requests) {
            this.requests = requests;
        }

        Mono<Result> next(ErrorBits failed) {
            int region = choose();
            tried |= 1L << region;
            inFlight.incrementAndGet(region);
            return client.run(requests.get(region))
                    .doFinally(end -> inFlight.decrementAndGet(region))
                    .flatMap(bits -> after(region, bits, failed));
        }

        private Mono<Result> after(int region, ErrorBits bits, ErrorBits failed) {
            if (bits.isClear()) {
                trustedFrom.set(region, 0);
                return Mono.just(new Result(region, failed));
            }
            trustedFrom.set(region, number + DOUBT_READS);
            ErrorBits all = failed.or(ErrorBits.of(region, bits.cause(0).orElseThrow()));
            if (all.count() < regions.size()) {
                return next(all);
            }
            zero(requests.get(region));
            return Mono.error(none(all));
        }

        // Of equally good regions, takes the next in turn, so that successive reads go round.
        private int choose() {
            int best = -1;
            for (int i = 0; i < regions.size(); i++) {
                int region = (int) ((number + i) % regions.size());
                boolean isLeft = (tried >>> region & 1) == 0;
                if (isLeft && (best < 0 || cost(region) < cost(best))) {
                    best = region;
                }
            }
            return best;
        }

        private long cost(int region) {
            long doubt = trustedFrom.get(region) > number ? Integer.MAX_VALUE : 0;
            return doubt + inFlight.get(region);
        }
    }

    // Each read zeroed only what it could not read; the rest is left from different reads, and is nothing whole.
    private static void zero(IoRequest request) {
        IoMemory into = request.memory().orElseThrow();
        long bytes = request.regions().get(0).bytes();
        for (long at = 0; at < bytes; at += STEP_BYTES) {
            ByteBuf step = into.retainedView(at, (int) Math.min(STEP_BYTES, bytes - at));
            Bytes.zero(step, 0, step.capacity());
            step.release();
        }
    }

    private static DeviceException none(ErrorBits failed) {
        List<DeviceException> causes = failed.failedRegions()
                .mapToObj(region -> failed.cause(region).orElseThrow())
                .toList();
        // A new exception: a device may fail with the same one again
        // and again, and what is added to that would never go.
        DeviceException none = causes.get(0).ofRequest("failed of the replicas: all " + causes.size());
        causes.stream().skip(1).forEach(none::addSuppressed);
        return none;
    }
}
