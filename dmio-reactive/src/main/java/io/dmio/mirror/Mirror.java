package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.concurrent.RangeLock;
import io.dmio.mirror.disk.Membership;
import io.dmio.mirror.disk.Planes;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A running mirror: makes the parts and connects them. Each part knows only those that it works on, which are below it
 * in this picture. What goes upwards is an event, and goes through this class. No part knows the mirror.
 *
 * <pre>
 *     LegRejoin          legs that come back are identified, and brought in
 *     Divergence         legs that failed something and stay: which has what, and what nobody may have
 *     Resync  Healing    what legs lack is copied; what they cannot read is written again
 *     Repairs  Cleaner   a chunk that is written on some legs alone; bits that may be cleared
 *     WriteRun  ReadRun  FlushRun                        what users ask for
 *     Departures  Owner  legs that go; whose the legs are
 *     OnRecord  BitmapWriter                             what is durable: superblocks, and the bitmap
 *     Roster  Planes  ChunkTable  RangeLock              what is
 *     Leg  LegFan        one leg, and several
 *     MirrorRuntime      mailbox, clock, memory, events
 * </pre>
 */
final class Mirror {

    private final MirrorRuntime runtime;
    private final RangeLock locks;
    private final Owner owner;
    private final Legs legs;
    private final OnRecord onRecord;
    private final Bitmap bitmap;
    private final Departures departures;
    private final Cleaner cleaner;
    private final Repairs repairs;
    private final SyncThrottle throttle;
    private final ReadRun.Parts reads;
    private final Healing healing;
    private final Resync resync;
    private final Doubts doubts;
    private final Divergence divergence;
    private final LostWrites lostWrites;
    private final WriteRun.Parts writes;
    private final LegRejoin rejoin;

    Mirror(MirrorSettings options, Assembly assembly, Claim claim) {
        Membership membership = assembly.membership();
        Planes planes = assembly.planes();
        runtime = new MirrorRuntime(options, assembly);
        locks = new RangeLock(runtime::tell, options.keeps(Rule.SERIAL_OVERLAPS));
        Roster roster = new Roster(runtime, membership, assembly.behind());
        legs = new Legs(runtime, roster, new Failures(), new Laggards());
        lostWrites = new LostWrites(roster::refusesWrites, runtime.name());
        int chunkSectors = runtime.chunkSectors();
        ChunkTable chunks =
                new ChunkTable(planes, membership.chunkCount(), chunkSectors, options.marking(chunkSectors));
        bitmap = new Bitmap(planes, chunks, new BitmapWriter(legs, planes, chunks));
        onRecord = new OnRecord(legs, bitmap);
        owner = new Owner(legs, claim, new Owned());
        departures = new Departures(new Departures.Parts(legs, onRecord, planes, owner), new Departed());
        cleaner = new Cleaner(legs, bitmap, onRecord, new Cleaned());
        repairs = new Repairs(legs, bitmap, cleaner, new Repaired());
        throttle = new SyncThrottle(runtime, options.resyncBytesPerSecondMin(), options.resyncBytesPerSecondMax());
        reads = new ReadRun.Parts(legs, new ReadBalancer(options, roster, planes, chunks), chunks, this::heal);
        PieceCopy.Parts pieces = new PieceCopy.Parts(legs, locks, reads, repairs);
        healing = new Healing(pieces);
        resync = new Resync(new ChunkCopy.Parts(pieces, planes, cleaner, throttle), onRecord, owner);
        doubts = new Doubts(roster, planes);
        divergence = new Divergence(legs, bitmap, resync, doubts);
        writes = new WriteRun.Parts(legs, locks, bitmap, cleaner, onRecord, divergence, owner);
        rejoin = new LegRejoin(new LegRejoin.Parts(legs, onRecord, bitmap, owner, resync));
        assembly.disks().forEach((index, disk) -> {
            Leg leg = newLeg(index, disk);
            if (membership.leg(index).isIn()) {
                leg.starts(claim.isMarked(leg.device) && planes.count(Planes.stale(index)) == 0);
            }
            roster.put(leg);
        });
        options.made.accept(this::abandon);
    }

    Leg newLeg(int index, LegDisk disk) {
        return new Leg(runtime, owner, index, disk);
    }

    MirrorRuntime runtime() {
        return runtime;
    }

    Legs legs() {
        return legs;
    }

    Roster roster() {
        return legs.roster();
    }

    Planes planes() {
        return bitmap.planes();
    }

    BitmapWriter writer() {
        return bitmap.writer();
    }

    RangeLock locks() {
        return locks;
    }

    OnRecord onRecord() {
        return onRecord;
    }

    Departures departures() {
        return departures;
    }

    Cleaner cleaner() {
        return cleaner;
    }

    Healing healing() {
        return healing;
    }

    Resync resync() {
        return resync;
    }

    LegRejoin rejoin() {
        return rejoin;
    }

    SyncThrottle throttle() {
        return throttle;
    }

    Owner owner() {
        return owner;
    }

    ReadRun.Parts reads() {
        return reads;
    }

    WriteRun.Parts writes() {
        return writes;
    }

    Scrub.Parts scrubs() {
        return new Scrub.Parts(legs, bitmap, locks, repairs, throttle);
    }

    /** Flushes all legs; calls back with null once everything that was written before is durable. */
    void flush(Consumer<@Nullable DeviceException> told) {
        new FlushRun(legs, onRecord, told).start();
    }

    /** Flushes all legs for a user, who is also told what was lost by flushes of others. */
    void flushForUser(Consumer<@Nullable DeviceException> told) {
        flush(lostWrites.tell(told));
    }

    /**
     * Flushes all legs and clears the bits of chunks that nobody writes, before the mirror closes; tells a user as {@link #flushForUser} does.
     */
    void cleanForUser(Consumer<@Nullable DeviceException> told) {
        cleaner.all(lostWrites.tell(told));
    }

    /** Ends the mirror: no timer fires any more. */
    void dispose() {
        bitmap.writer().giveUp();
        runtime.dispose();
    }

    /** Ends the process as far as a simulation is concerned: nothing happens any more, and memory is given back. */
    void abandon() {
        runtime.abandon();
    }

    private void heal(Leg leg, long sector, long count) {
        healing.heal(leg, sector, count);
    }

    private final class Failures implements LegFailures {
        @Override
        public void failed(Leg leg, DeviceException why, boolean known) {
            departures.failed(leg, why, known);
        }

        @Override
        public void unserved(Leg leg, DeviceException why) {
            departures.unserved(leg, why);
        }

        @Override
        public void setAside(Leg leg) {
            departures.setAside(leg);
        }

        @Override
        public void unflushed(int failed, int done, DeviceException why) {
            if (divergence.flushed(failed, done) && runtime.options().keeps(Rule.TELL_OF_EACH_LOSS)) {
                lostWrites.happened(why);
            }
        }

        @Override
        public void lostMeanwhile() {
            lostWrites.happenedToMore();
        }

        @Override
        public void whenNoted(Consumer<@Nullable DeviceException> told) {
            divergence.whenNoted(told);
        }
    }

    private final class Owned implements OwnerListener {
        @Override
        public void lost() {
            resync.stop();
            rejoin.stop();
        }

        @Override
        public void marked() {
            resync.cleared(); // a leg that has everything waits for its mark
        }
    }

    private final class Departed implements Departures.Listener {
        @Override
        public void dropped() {
            repairs.next();
        }

        @Override
        public void out(Leg leg) {
            rejoin.later(leg);
            resync.look();
        }

        @Override
        public void decided() {
            resync.look();
        }
    }

    private final class Cleaned implements Cleaner.Listener {
        @Override
        public boolean mayBeClean(int chunk) {
            return doubts.mayBeClean(chunk);
        }

        @Override
        public void settled(int chunk) {
            resync.settled(chunk);
        }

        @Override
        public void cleared() {
            doubts.settled().stream()
                    .filter(doubt -> doubt.leg().takesPart())
                    .forEach(doubt -> resync.spoil(doubt.leg(), doubt.chunk()));
            repairs.cleared();
            resync.cleared();
        }

        @Override
        public void ended() {
            resync.look();
        }
    }

    private final class Repaired implements Repairs.Listener {
        @Override
        public void repaired(int chunk) {
            resync.repaired(chunk);
        }

        @Override
        public void spoilt(Leg leg, int chunk) {
            resync.spoil(leg, chunk);
        }

        @Override
        public void settled(int chunk) {
            resync.settled(chunk);
        }

        @Override
        public void released() {
            resync.look();
        }
    }
}
