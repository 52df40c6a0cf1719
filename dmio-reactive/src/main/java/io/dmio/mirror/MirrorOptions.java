package io.dmio.mirror;

import io.dmio.Sectors;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** How a {@link MirrorDevice} is made, started and run. Every option has a default; immutable. */
public final class MirrorOptions {

    /** Legs of one mirror, at most. */
    public static final int LEGS_MAX = 16;

    /** The smallest chunk. */
    public static final int CHUNK_BYTES_MIN = 64 << 10;

    /** The largest chunk. */
    public static final int CHUNK_BYTES_MAX = 64 << 20;

    /** No leg is named. */
    static final int NOBODY = -1;

    /** Chunks of a mirror, at most; 1 TiB in chunks of 64 KiB. */
    static final int CHUNKS_MAX = 1 << 24;

    private static final MirrorOptions DEFAULTS = builder().build();

    private final Builder from;

    private MirrorOptions(Builder from) {
        this.from = from.copy();
    }

    /**
     * The defaults.
     *
     * @return always the same
     */
    public static MirrorOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Starts from the defaults.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The chunk for a mirror of a size: as asked for, else the smallest power of two that makes at most 65,536 chunks, and
     * of small mirrors at least 256 where chunks can be that small, but not above 1 MiB for that.
     */
    int chunkSectors(long dataSectors) {
        if (from.chunkBytes != 0) {
            return from.chunkBytes / Sectors.BYTES;
        }
        long chunk = CHUNK_BYTES_MIN / Sectors.BYTES;
        long roomy = (1 << 20) / Sectors.BYTES;
        while (chunk < CHUNK_BYTES_MAX / Sectors.BYTES
                && (dataSectors / chunk > 1 << 16 || (chunk < roomy && dataSectors / chunk > 1 << 10))) {
            chunk *= 2;
        }
        return (int) chunk;
    }

    int legsMin() {
        return from.legsMin;
    }

    long legDeadlineNanos() {
        return from.legDeadline.toNanos();
    }

    long cleanAfterNanos() {
        return from.cleanAfter.toNanos();
    }

    long probeAfterNanos() {
        return from.probeAfter.toNanos();
    }

    long probeAfterNanosMax() {
        return from.probeAfterMax.toNanos();
    }

    int readErrorsMax() {
        return from.readErrorsMax;
    }

    long resyncBytesPerSecondMax() {
        return from.resyncBytesPerSecondMax;
    }

    long resyncBytesPerSecondMin() {
        return from.resyncBytesPerSecondMin;
    }

    int chunksInFlightMax() {
        return from.chunksInFlightMax;
    }

    int pieceSectors() {
        return from.pieceBytes / Sectors.BYTES;
    }

    long writeBehindSectors() {
        return from.writeBehindSectors;
    }

    boolean isWriteMostly(int leg) {
        return (from.writeMostly >> leg & 1) != 0;
    }

    boolean overwrite() {
        return from.overwrite;
    }

    boolean equalAlready() {
        return from.equalAlready;
    }

    boolean degraded() {
        return from.degraded;
    }

    int trusted() {
        return from.trusted;
    }

    String name() {
        return from.name;
    }

    Scheduler clock() {
        return from.clock.get();
    }

    UUID newId() {
        return from.ids.get();
    }

    boolean keeps(Rule rule) {
        return !from.broken.contains(rule);
    }

    /** Collects options; each method returns this builder. */
    public static final class Builder implements Cloneable {

        private int chunkBytes;
        private int legsMin = 1;
        private Duration legDeadline = Duration.ofSeconds(5);
        private Duration cleanAfter = Duration.ofSeconds(2);
        private Duration probeAfter = Duration.ofSeconds(1);
        private Duration probeAfterMax = Duration.ofMinutes(5);
        private int readErrorsMax = 20;
        private long resyncBytesPerSecondMax = Long.MAX_VALUE;
        private long resyncBytesPerSecondMin = 4 << 20;
        private int chunksInFlightMax = 4;
        private int pieceBytes = 512 << 10;
        private long writeBehindSectors;
        private int writeMostly;
        private boolean overwrite;
        private boolean equalAlready;
        private boolean degraded;
        private int trusted = NOBODY;
        private String name = "";
        private Supplier<Scheduler> clock = Schedulers::parallel;
        private Supplier<UUID> ids = UUID::randomUUID;
        private Set<Rule> broken = EnumSet.noneOf(Rule.class);

        private Builder() {}

        /**
         * The unit of dirty tracking of a new mirror: what is copied after a crash for each write that was in flight. By
         * default chosen so that there are at most 65,536 chunks.
         *
         * @param bytes a power of two from 64 KiB to 64 MiB
         * @return this builder
         */
        public Builder chunkBytes(int bytes) {
            if (bytes < CHUNK_BYTES_MIN || bytes > CHUNK_BYTES_MAX || Integer.bitCount(bytes) != 1) {
                throw new IllegalArgumentException(
                        "chunkBytes " + bytes + " is not a power of two from " + CHUNK_BYTES_MIN + " to " + CHUNK_BYTES_MAX);
            }
            chunkBytes = bytes;
            return this;
        }

        /** Chunks of any whole number of pages, for mirrors of a few sectors. */
        Builder tinyChunkBytes(int bytes) {
            chunkBytes = bytes;
            return this;
        }

        /**
         * Legs in sync without which a new mirror refuses writes. Kept on the legs. With so many of its legs, and less than
         * so many missing, a mirror starts, as those that are missing cannot have gone on alone. Defaults to 1.
         *
         * @param legs 1 to 16
         * @return this builder
         */
        public Builder legsMin(int legs) {
            if (legs < 1 || legs > LEGS_MAX) {
                throw new IllegalArgumentException("legsMin " + legs + " is not between 1 and " + LEGS_MAX);
            }
            legsMin = legs;
            return this;
        }

        /**
         * How long a leg may take to answer before it is set aside and the others go on without it, as long as one of them
         * has answered. Measured from submission. Defaults to 5 seconds.
         *
         * @param deadline more than zero
         * @return this builder
         */
        public Builder legDeadline(Duration deadline) {
            legDeadline = positive("legDeadline", deadline);
            return this;
        }

        /**
         * How long a chunk stays marked dirty after its last write: the longer, the fewer writes of the bitmap, and the more
         * to compare after a crash. Defaults to 2 seconds.
         *
         * @param idle more than zero
         * @return this builder
         */
        public Builder cleanAfter(Duration idle) {
            cleanAfter = positive("cleanAfter", idle);
            return this;
        }

        /**
         * How soon a leg that was dropped is tried again, and how much later at most if it keeps failing: the pause doubles
         * each time. Defaults to 1 second and 5 minutes.
         *
         * @param first more than zero
         * @param max at least {@code first}
         * @return this builder
         */
        public Builder probeAfter(Duration first, Duration max) {
            probeAfter = positive("probeAfter", first);
            probeAfterMax = positive("probeAfterMax", max);
            return this;
        }

        /**
         * Read errors of one leg that are healed before it is dropped all the same. Defaults to 20.
         *
         * @param errors at least 0
         * @return this builder
         */
        public Builder readErrorsMax(int errors) {
            if (errors < 0) {
                throw new IllegalArgumentException("readErrorsMax " + errors + " is negative");
            }
            readErrorsMax = errors;
            return this;
        }

        /**
         * The pace of resync and scrub: free of limits up to {@code max} while nobody else works, down to {@code min} while
         * somebody does. Defaults to no limit and 4 MiB/s.
         *
         * @param min bytes per second, at least 1
         * @param max bytes per second, at least {@code min}
         * @return this builder
         */
        public Builder resyncBytesPerSecond(long min, long max) {
            if (min < 1 || max < min) {
                throw new IllegalArgumentException("resync between " + min + " and " + max + " bytes per second: at least 1");
            }
            resyncBytesPerSecondMin = min;
            resyncBytesPerSecondMax = max;
            return this;
        }

        /**
         * Lets write-mostly legs lag: a write is acknowledged without them as long as they lag by no more than this.
         * A flush waits for them. Defaults to 0: never.
         *
         * @param sectors at least 0
         * @return this builder
         */
        public Builder writeBehindSectors(long sectors) {
            if (sectors < 0) {
                throw new IllegalArgumentException("writeBehindSectors " + sectors + " is negative");
            }
            writeBehindSectors = sectors;
            return this;
        }

        /**
         * Legs that reads avoid, of a new mirror. Kept on the legs.
         *
         * @param legs their indexes
         * @return this builder
         */
        public Builder writeMostly(int... legs) {
            writeMostly = 0;
            for (int leg : legs) {
                writeMostly |= 1 << Objects.checkIndex(leg, LEGS_MAX);
            }
            return this;
        }

        /**
         * Create or add even over a leg that carries a mirror already, whose metadata is lost.
         *
         * @param yes by default no
         * @return this builder
         */
        public Builder overwrite(boolean yes) {
            overwrite = yes;
            return this;
        }

        /**
         * Create without copying leg 0 to the others: whoever says so knows that they are equal, or that what was never
         * written will not be read.
         *
         * @param yes by default no
         * @return this builder
         */
        public Builder equalAlready(boolean yes) {
            equalAlready = yes;
            return this;
        }

        /**
         * Open without legs that were in sync when last seen, though these may have gone on alone since. If they have, what
         * they then acknowledged is missing, and both sides cannot be joined again without naming a winner.
         *
         * @param yes by default no
         * @return this builder
         */
        public Builder degraded(boolean yes) {
            degraded = yes;
            return this;
        }

        /**
         * Open with this leg's content as the truth, where legs went on without each other or none has it all; the others
         * get it in full.
         *
         * @param leg its place in the list that is opened
         * @return this builder
         */
        public Builder trust(int leg) {
            trusted = Objects.checkIndex(leg, LEGS_MAX);
            return this;
        }

        /**
         * The device's name in messages and metrics. Defaults to {@code mirror} and the beginning of its UUID.
         *
         * @param called not empty
         * @return this builder
         */
        public Builder name(String called) {
            name = Objects.requireNonNull(called, "name");
            return this;
        }

        /**
         * Time, and the thread of everything that waits for it. Defaults to {@code Schedulers.parallel()}, or the virtual
         * clock a test put in its place.
         *
         * @param scheduler asked once when the mirror starts, never disposed here
         * @return this builder
         */
        public Builder clock(Supplier<Scheduler> scheduler) {
            clock = Objects.requireNonNull(scheduler, "clock");
            return this;
        }

        /** Where UUIDs and lineages come from, for simulations. */
        Builder ids(Supplier<UUID> source) {
            ids = source;
            return this;
        }

        /** Pieces of resync, for mirrors of a few sectors. */
        Builder pieceBytes(int bytes) {
            pieceBytes = bytes;
            return this;
        }

        /** Switches rules off, to show that a simulation notices. */
        Builder broken(Set<Rule> rules) {
            broken = rules;
            return this;
        }

        /**
         * The options.
         *
         * @return immutable
         */
        public MirrorOptions build() {
            return new MirrorOptions(this);
        }

        private Builder copy() {
            try {
                return (Builder) clone();
            } catch (CloneNotSupportedException impossible) {
                throw new IllegalStateException(impossible);
            }
        }

        private static Duration positive(String what, Duration duration) {
            if (duration.isNegative() || duration.isZero()) {
                throw new IllegalArgumentException(what + " " + duration + " is not more than zero");
            }
            return duration;
        }
    }
}
