package io.dmio.mirror;

import io.dmio.Sectors;
import io.dmio.mirror.disk.LegLayout;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** The settings that {@link MirrorOptions} were built to, in the units the mirror works in, with the defaults. Not changed once built. */
final class MirrorSettings implements Cloneable {

    private static final int CHUNKS_IN_FLIGHT_MIN = 4;
    private static final int CHUNKS_IN_FLIGHT_MAX = 64;

    int chunkBytes;
    long sectorCount; // of a new mirror; 0 for as much as there is room for
    int blockBytes = Sectors.BYTES; // the least
    int legsMin = 1;
    Duration legDeadline = Duration.ofSeconds(5);
    Duration cleanAfter = Duration.ofSeconds(2);
    Duration probeAfter = Duration.ofSeconds(1);
    Duration probeAfterMax = Duration.ofMinutes(5);
    int readErrorsMax = 20;
    long resyncBytesPerSecondMax = Long.MAX_VALUE;
    long resyncBytesPerSecondMin = 4 << 20;
    int syncBytesInFlight = 4 << 20;
    int aheadBytes = 128 << 20;
    int aroundBytes = 8 << 20;
    int pieceBytes = 512 << 10;
    long zeroSectorsMax = (16 << 20) / Sectors.BYTES; // of a discard or write-zeroes, at a time
    long writeBehindSectors;
    int writeMostly;
    boolean stableMemory;
    boolean overwrite;
    boolean equalAlready;
    boolean degraded;
    int trusted = LegLayout.NO_LEG;
    boolean ownerMarks = true;
    boolean takeover;
    OwnerTerms ownerTerms = OwnerTerms.DEFAULTS;
    Mono<Void> ownerStop = Mono.never();
    OwnerHost host = OwnerHost.HERE;
    boolean clockGiven;
    String name = "";
    Supplier<Scheduler> clock = Schedulers::parallel;
    Supplier<UUID> ids = Ids::random;
    Runnable allocates = () -> {}; // run for each buffer of the mirror's own, to show what a lack of memory does
    Consumer<Runnable> made = crash -> {}; // before a mirror starts, gets what ends it as a crash does
    Set<Rule> broken = EnumSet.noneOf(Rule.class);

    /**
     * Returns the chunk for a mirror of a size: as asked for, else the smallest power of two that makes at most 1,024 chunks, or, once
     * chunks are 1 MiB, at most 65,536.
     */
    int chunkSectors(long dataSectors) {
        if (chunkBytes != 0) {
            return chunkBytes / Sectors.BYTES;
        }
        long chunk = LegLayout.CHUNK_BYTES_MIN / Sectors.BYTES;
        long roomy = (1 << 20) / Sectors.BYTES;
        while (chunk < LegLayout.CHUNK_BYTES_MAX / Sectors.BYTES
                && (dataSectors / chunk > 1 << 16 || (chunk < roomy && dataSectors / chunk > 1 << 10))) {
            chunk *= 2;
        }
        return (int) chunk;
    }

    /** Returns the size of a leg for so much data: that of the data, and of the metadata, which grows with it. */
    long legSectors(long dataSectors) {
        if (dataSectors < 1) {
            throw new IllegalArgumentException("dataSectors " + dataSectors + " is not at least 1");
        }
        long units = LegLayout.UNIT_SECTORS;
        long wanted = Sectors.end(dataSectors, units - 1) / units * units;
        long leg = wanted;
        for (long lacks = wanted; lacks > 0; leg += Math.max(lacks, 0)) {
            lacks = wanted - LegLayout.room(leg, chunkSectors(leg));
        }
        return leg;
    }

    static Duration positive(String what, Duration duration) {
        if (duration.isNegative() || duration.isZero() || duration.compareTo(Duration.ofDays(366)) > 0) {
            throw new IllegalArgumentException(what + " " + duration + " is not more than zero and at most a year");
        }
        return duration;
    }

    void chunkBytes(int bytes) {
        if (bytes < LegLayout.CHUNK_BYTES_MIN || bytes > LegLayout.CHUNK_BYTES_MAX || Integer.bitCount(bytes) != 1) {
            throw new IllegalArgumentException("chunkBytes " + bytes + " is not a power of two from "
                    + LegLayout.CHUNK_BYTES_MIN + " to " + LegLayout.CHUNK_BYTES_MAX);
        }
        chunkBytes = bytes;
        aroundBytes = 0; // whoever chose it knows what a crash may cost
    }

    void blockBytes(int bytes) {
        if (bytes < Sectors.BYTES || bytes > LegLayout.SLOT_BYTES || Integer.bitCount(bytes) != 1) {
            throw new IllegalArgumentException("blockBytes " + bytes + " is not a power of two from " + Sectors.BYTES
                    + " to " + LegLayout.SLOT_BYTES);
        }
        blockBytes = bytes;
    }

    /** The block as legs keep it: 0 if nobody asked for more than they have in any case. */
    int blockSectors() {
        return blockBytes == Sectors.BYTES ? 0 : blockBytes / Sectors.BYTES;
    }

    void sectorCount(long sectors) {
        if (sectors < LegLayout.UNIT_SECTORS || sectors % LegLayout.UNIT_SECTORS != 0) {
            throw new IllegalArgumentException("sectorCount " + sectors + " is not a multiple of 8 sectors, or none");
        }
        sectorCount = sectors;
    }

    void writeBehindSectors(long sectors) {
        if (sectors < 0) {
            throw new IllegalArgumentException("writeBehindSectors " + sectors + " is negative");
        }
        writeBehindSectors = sectors;
    }

    void writeMostly(int... legs) {
        writeMostly = 0;
        for (int leg : legs) {
            writeMostly |= 1 << Objects.checkIndex(leg, LegLayout.LEGS_MAX);
        }
    }

    void owner(OwnerOptions how) {
        ownerMarks = how.marks();
        ownerTerms = how.terms();
        takeover = how.takeover();
        ownerStop = how.stop();
    }

    void resyncBytesPerSecond(long min, long max) {
        if (min < 1 || max < min) {
            throw new IllegalArgumentException(
                    "resync between " + min + " and " + max + " bytes per second: at least 1");
        }
        resyncBytesPerSecondMin = min;
        resyncBytesPerSecondMax = max;
    }

    void probeAfter(Duration first, Duration max) {
        positive("probeAfter", first);
        positive("probeAfterMax", max);
        if (max.compareTo(first) < 0) {
            throw new IllegalArgumentException("probeAfter at most " + max + " is less than the first " + first);
        }
        probeAfter = first;
        probeAfterMax = max;
    }

    static int between(String what, int number, int min, int max) {
        if (number < min || number > max) {
            throw new IllegalArgumentException(what + " " + number + " is not between " + min + " and " + max);
        }
        return number;
    }

    int legsMin() {
        return legsMin;
    }

    long legDeadlineNanos() {
        return legDeadline.toNanos();
    }

    long cleanAfterNanos() {
        return cleanAfter.toNanos();
    }

    long probeAfterNanos() {
        return probeAfter.toNanos();
    }

    long probeAfterNanosMax() {
        return probeAfterMax.toNanos();
    }

    int readErrorsMax() {
        return readErrorsMax;
    }

    long resyncBytesPerSecondMax() {
        return resyncBytesPerSecondMax;
    }

    long resyncBytesPerSecondMin() {
        return resyncBytesPerSecondMin;
    }

    /** How many chunks are marked dirty before they are written: so many may be copied for nothing after a crash. */
    ChunkTable.Marking marking(int chunkSectors) {
        long bytes = Sectors.toBytes(chunkSectors);
        return new ChunkTable.Marking((int) (aheadBytes / bytes), (int) Math.max(1, aroundBytes / bytes));
    }

    /** How many chunks are copied at a time: enough that the slower leg never waits, few enough not to make disks seek. */
    int chunksInFlightMax(int chunkSectors) {
        long fit = syncBytesInFlight / Sectors.toBytes(chunkSectors);
        return (int) Math.min(Math.max(fit, CHUNKS_IN_FLIGHT_MIN), CHUNKS_IN_FLIGHT_MAX);
    }

    int pieceSectors() {
        return pieceBytes / Sectors.BYTES;
    }

    long writeBehindSectors() {
        return writeBehindSectors;
    }

    boolean isWriteMostly(int leg) {
        return (writeMostly >> leg & 1) != 0;
    }

    boolean stableMemory() {
        return stableMemory;
    }

    boolean overwrite() {
        return overwrite;
    }

    boolean equalAlready() {
        return equalAlready;
    }

    boolean degraded() {
        return degraded;
    }

    int trusted() {
        return trusted;
    }

    /** Whether one leg's content counts by an operator's word. */
    boolean isTrusting() {
        return trusted != LegLayout.NO_LEG;
    }

    boolean ownerMarks() {
        return ownerMarks;
    }

    boolean takeover() {
        return takeover;
    }

    OwnerTerms ownerTerms() {
        return ownerTerms;
    }

    OwnerHost host() {
        return host;
    }

    /** The clock that an owner goes by: a clock that was given, or the machine's. */
    LongSupplier ownerClock(Scheduler timers) {
        return clockGiven ? () -> timers.now(TimeUnit.NANOSECONDS) : new OwnerClock();
    }

    String name() {
        return name;
    }

    Scheduler clock() {
        return clock.get();
    }

    UUID newId() {
        return ids.get();
    }

    boolean keeps(Rule rule) {
        return !broken.contains(rule);
    }

    MirrorSettings copy() {
        try {
            return (MirrorSettings) clone();
        } catch (CloneNotSupportedException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
