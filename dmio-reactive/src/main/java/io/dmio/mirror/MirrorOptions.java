package io.dmio.mirror;

import io.dmio.mirror.disk.LegLayout;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import reactor.core.scheduler.Scheduler;

/** The options with which a {@link MirrorDevice} is created, started and run. Every option has a default; immutable. */
public final class MirrorOptions {

    /** The maximum number of legs of one mirror. */
    public static final int LEGS_MAX = LegLayout.LEGS_MAX;

    /** The smallest chunk. */
    public static final int CHUNK_BYTES_MIN = LegLayout.CHUNK_BYTES_MIN;

    /** The largest chunk. */
    public static final int CHUNK_BYTES_MAX = LegLayout.CHUNK_BYTES_MAX;

    /** Chunks of a mirror, at most; 1 TiB in chunks of 64 KiB. */
    static final int CHUNKS_MAX = 1 << 24;

    private static final MirrorOptions DEFAULTS = builder().build();

    private final MirrorSettings settings;

    private MirrorOptions(MirrorSettings settings) {
        this.settings = settings;
    }

    /** {@return the defaults, always the same} */
    public static MirrorOptions defaults() {
        return DEFAULTS;
    }

    /** {@return a builder that starts from the defaults} */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns how large a leg has to be for a mirror of a given size: the metadata goes to its end.
     *
     * @param dataSectors the mirror's size, at least 1
     * @return the number of sectors
     */
    public long legSectors(long dataSectors) {
        return settings.legSectors(dataSectors);
    }

    MirrorSettings settings() {
        return settings;
    }

    /** A builder of options; each method returns this builder. */
    public static final class Builder {

        private final MirrorSettings made = new MirrorSettings();

        private Builder() {
            Ids.prepare();
        }

        /**
         * Sets a new mirror's chunk, its unit of dirty tracking, copied after a crash for each write in flight. By default at most 65,536
         * chunks, or the largest above 4 TiB; while all legs take part, default chunks are marked by 8 MiB at a time, so fewer first writes
         * wait.
         *
         * @param bytes a power of two from 64 KiB to 64 MiB
         * @return this builder
         */
        public Builder chunkBytes(int bytes) {
            made.chunkBytes(bytes);
            return this;
        }

        /**
         * Sets the size of a new mirror. By default it is as large as its smallest leg has room for, to which it can grow later.
         *
         * @param sectors at least 8, a multiple of 8
         * @return this builder
         */
        public Builder sectorCount(long sectors) {
            made.sectorCount(sectors);
            return this;
        }

        /**
         * Sets the mirror's minimum block: with 4096 it takes a disk of such blocks at any time, even if its legs have smaller ones. Otherwise
         * it is the largest of its legs, which users rely on. A new mirror keeps it on the legs; a grown one has it as far as its size allows.
         *
         * @param bytes a power of two from 512 to 4096
         * @return this builder
         */
        public Builder blockBytes(int bytes) {
            made.blockBytes(bytes);
            return this;
        }

        /**
         * Sets how many legs must be in sync; with fewer a new mirror refuses writes, flushes and a good close. With so many there and fewer
         * missing it starts, as those cannot have gone on alone; where so many are out, it first brings some in, or needs {@link #degraded}.
         *
         * @param legs 1 to 16; kept on the legs, 1 by default
         * @return this builder
         */
        public Builder legsMin(int legs) {
            made.legsMin = MirrorSettings.between("legsMin", legs, 1, LEGS_MAX);
            return this;
        }

        /**
         * Sets how long a leg may take to answer before it is set aside and the others go on without it, as long as one of them has answered.
         * Measured from submission; a start or an add waits for at least 30 seconds. Defaults to 5 seconds.
         *
         * @param deadline more than zero, at most a year
         * @return this builder
         */
        public Builder legDeadline(Duration deadline) {
            made.legDeadline = MirrorSettings.positive("legDeadline", Objects.requireNonNull(deadline, "deadline"));
            return this;
        }

        /**
         * Sets how long a chunk stays dirty after its last write; it may take up to twice as long. A longer time means fewer writes of the
         * bitmap, and more to copy after a crash. Defaults to 2 seconds.
         *
         * @param idle more than zero, at most a year
         * @return this builder
         */
        public Builder cleanAfter(Duration idle) {
            made.cleanAfter = MirrorSettings.positive("cleanAfter", Objects.requireNonNull(idle, "idle"));
            return this;
        }

        /**
         * Sets how soon a dropped leg is tried again; the pause doubles each time it fails. Defaults to 1 second and 5 minutes.
         *
         * @param first the first pause, more than zero
         * @param max the longest pause, at least {@code first}, at most a year
         * @return this builder
         */
        public Builder probeAfter(Duration first, Duration max) {
            made.probeAfter(Objects.requireNonNull(first, "first"), Objects.requireNonNull(max, "max"));
            return this;
        }

        /**
         * Sets how many read errors of one leg are healed before it is dropped all the same. Defaults to 20.
         *
         * @param errors at least 0
         * @return this builder
         */
        public Builder readErrorsMax(int errors) {
            made.readErrorsMax = MirrorSettings.between("readErrorsMax", errors, 0, Integer.MAX_VALUE);
            return this;
        }

        /**
         * Sets the pace of resync and scrub: up to {@code max} while nobody uses the mirror, down to {@code min} while somebody does.
         * {@code max} defaults to no limit and {@code min} to 4 MiB/s.
         *
         * @param min bytes per second, at least 1
         * @param max bytes per second, at least {@code min}
         * @return this builder
         */
        public Builder resyncBytesPerSecond(long min, long max) {
            made.resyncBytesPerSecond(min, max);
            return this;
        }

        /**
         * Lets write-mostly legs lag: writes are acknowledged without them up to that many sectors; a flush waits. Defaults to 0.
         *
         * @param sectors at least 0
         * @return this builder
         */
        public Builder writeBehindSectors(long sectors) {
            made.writeBehindSectors(sectors);
            return this;
        }

        /**
         * Sets the legs of a new mirror that reads avoid. Kept on the legs.
         *
         * @param legs their indexes; an index that no leg has is ignored
         * @return this builder
         */
        public Builder writeMostly(int... legs) {
            made.writeMostly(Objects.requireNonNull(legs, "legs"));
            return this;
        }

        /**
         * Writes to the legs from the caller's memory instead of from a copy. Use it only if memory is never changed after it was written from,
         * but only released: as long as a leg hangs, the memory may be held after the answer, too. If it is changed in flight, legs differ and
         * nobody notices before a scrub. With {@link #writeBehindSectors} it is copied all the same.
         *
         * @param yes by default no
         * @return this builder
         */
        public Builder stableMemory(boolean yes) {
            made.stableMemory = yes;
            return this;
        }

        /**
         * Lets create and add use even a leg that carries a mirror already, whose metadata is lost.
         *
         * @param yes by default no
         * @return this builder
         */
        public Builder overwrite(boolean yes) {
            made.overwrite = yes;
            return this;
        }

        /**
         * Creates without copying leg 0 to the others. Use it only if the legs are known to be equal, or what is not equal will not be read.
         *
         * @param yes by default no
         * @return this builder
         */
        public Builder equalAlready(boolean yes) {
            made.equalAlready = yes;
            return this;
        }

        /**
         * Opens without legs that took part when last seen, and may have gone on alone since: what they then acknowledged would be missing, and
         * one side lost when both meet again.
         *
         * @param yes by default no
         * @return this builder
         */
        public Builder degraded(boolean yes) {
            made.degraded = yes;
            return this;
        }

        /**
         * Opens with this leg's content as the truth where legs went on without each other: the others get all of it. Those that are there
         * first record that they do not count. Later, never use an absent one on its own, and say this again if the power goes.
         *
         * @param leg its place in the list that is opened
         * @return this builder
         */
        public Builder trust(int leg) {
            made.trusted = Objects.checkIndex(leg, LEGS_MAX);
            return this;
        }

        /**
         * Sets how the mirror is kept from being open twice.
         *
         * @param how by default {@link OwnerOptions#defaults}: by marks on the legs
         * @return this builder
         */
        public Builder owner(OwnerOptions how) {
            made.owner(how);
            return this;
        }

        /**
         * Sets the device's name. Defaults to {@code mirror} and the beginning of its UUID.
         *
         * @param called the name for messages and metrics
         * @return this builder
         */
        public Builder name(String called) {
            made.name = Objects.requireNonNull(called, "name");
            return this;
        }

        /**
         * Sets the source of time, and the thread of what waits for it. Defaults to {@code Schedulers.parallel()}, or a test's virtual clock.
         *
         * @param scheduler asked when the mirror starts, never disposed here
         * @return this builder
         */
        public Builder clock(Supplier<Scheduler> scheduler) {
            made.clock = Objects.requireNonNull(scheduler, "clock");
            made.clockGiven = true;
            return this;
        }

        /** What no user may ask for, and simulations need. */
        Builder settings(Consumer<MirrorSettings> change) {
            change.accept(made);
            return this;
        }

        /** {@return the options} */
        public MirrorOptions build() {
            return new MirrorOptions(made.copy());
        }
    }
}
