package io.dmio.copy;

import io.dmio.DeviceGate;
import io.dmio.DmIo;
import io.dmio.IoRegion;
import io.dmio.PageBudget;
import io.dmio.Sectors;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A service that copies a region to up to 64 others, and zeroes regions, in pieces through pages of its own. It is Linux's kcopyd
 * ({@code drivers/md/dm-kcopyd.c}): {@code dm_kcopyd_copy} is {@link #copy}, {@code dm_kcopyd_zero} is {@link #zero},
 * {@code dm_kcopyd_client_destroy} is {@link #close}. Its limits never change; safe for concurrent use.
 *
 * <p><b>A piece</b> waits for the throttle, for pages and for its turn, is read once, written to all destinations side by side, and gives
 * its pages back. Pieces of one copy end in any order. Copies share the pages fairly: each queues with one piece at a time, first come,
 * first served, so a budget of a single piece serves a hundred copies in rounds.
 *
 * <p><b>Failures are values</b>, summed up in the {@link CopyResult}. Unless the copy is to go on, the first failure ends it: nothing
 * more is submitted. Source data that could not be read is never written, nor are zeroes in its place: destinations keep what they had
 * there, and their bits are set.
 *
 * <p><b>Devices</b> are the caller's, and are not closed here. A destination that overlaps the source is refused unless it is safe
 * (ascending, and towards lower sectors); two devices over one file are not recognised.
 *
 * <p><b>Thread.</b> Work goes on, and results come, on the thread of the device or timer that answered last, or on the subscriber's if
 * all finished at once.
 */
public final class CopyService {

    private final PageBudget budget;
    private final DmIo io;
    private final DeviceGate gate = new DeviceGate(() -> {});
    private final AtomicInteger running = new AtomicInteger();
    private final CopySum work = new CopySum();
    private final int copiesMax;
    private final Throttle throttle;
    private final Supplier<Scheduler> clock;
    private final int pieceBytes;
    private final int piecesInFlightMax;

    private CopyService(Builder from) {
        int pages = Math.max(from.pages, from.piecePages);
        this.pieceBytes = from.piecePages * Sectors.PAGE_BYTES;
        this.piecesInFlightMax = from.piecesInFlightMax;
        this.budget = new PageBudget(pages, Integer.MAX_VALUE); // copiesMax and piecesInFlightMax bound the queue
        this.io = DmIo.builder().transferBytesMax(pieceBytes).build().get(pages);
        this.copiesMax = from.copiesMax;
        this.throttle = from.throttle;
        this.clock = from.clock;
    }

    /**
     * Creates a service with the default limits: the kernel's pieces, 4 MiB of pages, no throttle.
     *
     * @return a new service
     */
    public static CopyService create() {
        return builder().build();
    }

    /**
     * Returns a builder for a service with other limits.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns a copy that stops at the first error; see {@link #copy(IoRegion, List, CopyOptions)}.
     *
     * @param from the source
     * @param to 1 to 64 destinations of the source's length
     * @return the copy, to be run
     * @throws IllegalArgumentException if the lengths differ, regions overlap, or there are none or more than 64
     */
    public Copy copy(IoRegion from, List<IoRegion> to) {
        return copy(from, to, CopyOptions.NONE);
    }

    /**
     * Returns a copy of one region to others.
     *
     * @param from the source
     * @param to 1 to 64 destinations of the source's length
     * @param options the options of the copy
     * @return the copy, to be run
     * @throws IllegalArgumentException if the lengths differ, regions overlap, or there are none or more than 64
     */
    public Copy copy(IoRegion from, List<IoRegion> to, CopyOptions options) {
        return new Copy(
                this,
                new CopyPlan(
                        Optional.of(Objects.requireNonNull(from, "from")), Objects.requireNonNull(to, "to"), options));
    }

    /**
     * Returns work that makes regions read as zeroes: by write-zeroes where the device can, elsewhere by writing zeroes. The kernel does
     * the same to all devices; here a device that cannot does not slow down those that can.
     *
     * @param to 1 to 64 of one length
     * @param options the options; {@code sparse} means nothing here
     * @return the work, to be run
     * @throws IllegalArgumentException if the lengths differ, regions overlap, or there are none or more than 64
     */
    public Copy zero(List<IoRegion> to, CopyOptions options) {
        return new Copy(this, new CopyPlan(Optional.empty(), Objects.requireNonNull(to, "to"), options));
    }

    /**
     * Refuses new copies and waits for those that run, and for what cancelled ones had submitted. It also waits for a paused copy: resume
     * or cancel that.
     *
     * @return a Mono that completes when nothing is in flight; may be subscribed again
     */
    public Mono<Void> close() {
        return gate.close().then(budget.close()).then(io.close());
    }

    /**
     * Returns the throttle of the copies. It may be shared with other services, and changed while they run.
     *
     * @return the throttle
     */
    public Throttle throttle() {
        return throttle;
    }

    /**
     * Returns the page budget, for gauges.
     *
     * @return the budget; its numbers are snapshots
     */
    public PageBudget budget() {
        return budget;
    }

    /**
     * Returns what the copies have done so far, for meters.
     *
     * @return a snapshot
     */
    public CopyTotals totals() {
        return work.totals(running.get());
    }

    /** Returns the sum of what copies do. */
    CopySum work() {
        return work;
    }

    /** Lets a copy begin, or throws; {@link #exit} follows. */
    void enter() {
        if (!gate.enter()) {
            throw new IllegalStateException("closed: no copy is taken any more");
        }
        if (running.incrementAndGet() > copiesMax) {
            exit();
            throw Exceptions.failWithOverflow(copiesMax + " copies run already, and no more may (copiesMax)");
        }
    }

    void exit() {
        running.decrementAndGet();
        gate.exit();
    }

    /** Returns the client inside, which has a budget of its own: a piece that has pages here never waits for another piece there. */
    DmIo io() {
        return io;
    }

    Scheduler clock() {
        return clock.get();
    }

    int piecesInFlightMax() {
        return piecesInFlightMax;
    }

    /** Returns the length of a piece in whole blocks. */
    int pieceBytes(int blockBytes) {
        if (blockBytes > (long) budget.capacity() * Sectors.PAGE_BYTES) {
            throw new IllegalStateException("a budget of " + budget.capacity() + " pages is less than one block of "
                    + blockBytes + " bytes: build the service with more pages");
        }
        return Math.max(pieceBytes / blockBytes, 1) * blockBytes;
    }

    /** A builder of services with limits of their own; every limit has a default. */
    public static final class Builder {

        private static final int PIECE_PAGES_MAX = 1 << 18; // 1 GiB, which an int of bytes still holds

        private int piecePages = 128;
        private int piecesInFlightMax = 8;
        private int pages = 1024;
        private int copiesMax = 4096;
        private Throttle throttle = Throttle.unlimited();
        private Supplier<Scheduler> clock = Schedulers::parallel;

        private Builder() {}

        /**
         * Sets the length of a piece; it is rounded to whole blocks of the devices. Defaults to 128, the 512 KiB of
         * {@code kcopyd_subjob_size_kb}.
         *
         * @param of4KiB 1 to 262,144
         * @return this builder
         */
        public Builder piecePages(int of4KiB) {
            if (of4KiB > PIECE_PAGES_MAX) {
                throw new IllegalArgumentException("piecePages " + of4KiB + " is more than " + PIECE_PAGES_MAX);
            }
            piecePages = positive("piecePages", of4KiB);
            return this;
        }

        /**
         * Sets how many pieces of one copy are in flight, or in the queue for pages, at once. Defaults to 8, the kernel's SPLIT_COUNT.
         *
         * @param pieces at least 1
         * @return this builder
         */
        public Builder piecesInFlightMax(int pieces) {
            piecesInFlightMax = positive("piecesInFlightMax", pieces);
            return this;
        }

        /**
         * Sets how much memory all copies have together; at least one piece in any case. Defaults to 1,024, which is 4 MiB.
         *
         * @param of4KiB at least 1
         * @return this builder
         */
        public Builder pages(int of4KiB) {
            pages = positive("pages", of4KiB);
            return this;
        }

        /**
         * Sets how many copies may run at once; the next is refused with an overflow. Defaults to 4,096.
         *
         * @param copies at least 1
         * @return this builder
         */
        public Builder copiesMax(int copies) {
            copiesMax = positive("copiesMax", copies);
            return this;
        }

        /**
         * Sets the throttle of the copies. Defaults to a throttle of its own, without limits.
         *
         * @param shared the throttle, which other services may use, too
         * @return this builder
         */
        public Builder throttle(Throttle shared) {
            throttle = Objects.requireNonNull(shared, "throttle");
            return this;
        }

        /**
         * Sets the source of time for progress. Defaults to {@code Schedulers.parallel()}, or the virtual clock a test put in its place.
         *
         * @param scheduler asked each time, never disposed here
         * @return this builder
         */
        public Builder clock(Supplier<Scheduler> scheduler) {
            clock = Objects.requireNonNull(scheduler, "clock");
            return this;
        }

        /** {@return a new service} */
        public CopyService build() {
            return new CopyService(this);
        }

        private static int positive(String what, int number) {
            if (number < 1) {
                throw new IllegalArgumentException(what + " " + number + " is not at least 1");
            }
            return number;
        }
    }
}
