package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.mirror.disk.Planes;
import java.util.BitSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Settles which leg counts where legs may differ, as one of them failed an operation and still takes part because no
 * other could take its place. For each chunk the legs that did what was asked go on to count, or, if none did, one leg that
 * has the chunk. The others lack it from then on. Owned by the mailbox.
 *
 * <p>A leg that failed a flush may have lost whatever it answered since the flush before, and later flushes say nothing
 * about that. So what was written or copied to it and is not on record as flushed counts as lost there.
 */
final class Divergence {

    private final MirrorRuntime runtime;
    private final Roster roster;
    private final Planes planes;
    private final BitmapWriter writer;
    private final Resync resync;
    private final Doubts doubts;
    private int lost; // how often something was lost by a failed flush
    private int noted; // how many of these losses are on record

    Divergence(Legs legs, Bitmap bitmap, Resync resync, Doubts doubts) {
        this.runtime = legs.runtime();
        this.roster = legs.roster();
        this.planes = bitmap.planes();
        this.writer = bitmap.writer();
        this.resync = resync;
        this.doubts = doubts;
    }

    /**
     * Settles a write that some legs did and others did not.
     *
     * @param first the first chunk
     * @param last the last chunk
     * @param failed bit i: leg i failed it, and takes part
     * @param done bit i: leg i did it
     */
    void written(int first, int last, int failed, int done) {
        for (int chunk = first; chunk <= last; chunk++) {
            settle(chunk, failed, done);
        }
    }

    /**
     * Settles a flush that some legs did and others did not.
     *
     * @param failed bit i: leg i failed it, and takes part
     * @param done bit i: leg i did it
     * @return whether something may be lost that no leg has that did it
     */
    boolean flushed(int failed, int done) {
        if (!runtime.options().keeps(Rule.DOUBT_WHAT_IS_UNFLUSHED)) {
            return false;
        }
        BitSet unflushed = resync.underWay();
        planes.addTo(unflushed, Planes.DIRTY);
        lost++;
        BitSet gone = new BitSet();
        unflushed.stream().filter(chunk -> isOnlyOn(failed, done, chunk)).forEach(gone::set);
        unflushed.stream().forEach(chunk -> settle(chunk, failed, done));
        if (runtime.options().keeps(Rule.DOUBT_THE_ONLY_LEG)) {
            gone.stream().filter(chunk -> planes.get(Planes.DIRTY, chunk)).forEach(this::doubt);
        }
        return !gone.isEmpty();
    }

    /** How often something was lost by a flush so far. */
    int losses() {
        return lost;
    }

    /** Whether writes to these chunks, begun when there were so many losses, may be among what was lost since. */
    boolean mayHaveLost(int losses, int first, int last) {
        return lost != losses && IntStream.rangeClosed(first, last).anyMatch(chunk -> !doubts.mayBeClean(chunk));
    }

    private void doubt(int chunk) {
        Leg only = roster.leg(Integer.numberOfTrailingZeros(having(chunk)));
        if (only != null) {
            doubts.doubt(chunk, only);
        }
    }

    private boolean isOnlyOn(int failed, int done, int chunk) {
        int having = having(chunk);
        return (having & done) == 0 && (having & failed) != 0;
    }

    /**
     * Calls back with null once everything that failed flushes lost is on record, or with the failure if it could not
     * be recorded. Until then, after a crash, the leg that lost it may be the one that says what a chunk holds.
     */
    void whenNoted(Consumer<@Nullable DeviceException> told) {
        if (noted == lost) {
            told.accept(null);
            return;
        }
        int now = lost;
        writer.await(problem -> {
            noted = problem == null ? Math.max(noted, now) : noted;
            told.accept(problem);
        });
    }

    private void settle(int chunk, int failed, int done) {
        int having = having(chunk);
        int good = having & done;
        int counts = good != 0 ? good : Integer.lowestOneBit(having & failed);
        if (counts == 0) {
            return; // nobody has it
        }
        int lack = good != 0 ? failed : ~counts;
        for (Leg leg : roster.present()) {
            if (leg.takesPart() && (lack & leg.bit()) != 0 && mayBeTakenForWhole(leg, chunk)) {
                resync.spoil(leg, chunk);
            }
        }
    }

    // A leg that is not on record as in does not count where another leg could: it may be gone a moment later, with
    // what it alone has.
    private int having(int chunk) {
        int recorded = 0;
        int coming = 0;
        for (Leg leg : roster.present()) {
            if (leg.takesPart() && !planes.get(Planes.stale(leg.index), chunk)) {
                boolean isRecorded = roster.isHolder(leg);
                recorded |= isRecorded ? leg.bit() : 0;
                coming |= isRecorded ? 0 : leg.bit();
            }
        }
        return recorded != 0 ? recorded : coming;
    }

    // The leg has the chunk, or is noted to lack it for the time being, or is being brought it.
    private boolean mayBeTakenForWhole(Leg leg, int chunk) {
        return !planes.get(Planes.stale(leg.index), chunk)
                || roster.noted().isNoted(leg, chunk)
                || resync.isUnderWay(chunk);
    }
}
