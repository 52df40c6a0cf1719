package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.disk.Planes;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Notes that legs lack a chunk while something is written there to these legs alone: heals, a scrub's repairs, and what
 * is to be copied to a leg that had it before. A write that fails may leave anything, and the power can go right after
 * it. So it has to be durable that a leg lacks the chunk before the first byte goes. While a chunk is held here nobody
 * else copies it, and at any time one leg that takes part has it, on record. Owned by the mailbox.
 */
final class Repairs {

    private static final long RETRY_SECONDS = 10;

    private final MirrorRuntime runtime;
    private final Roster roster;
    private final NotedChunks noted;
    private final Planes planes;
    private final BitmapWriter writer;
    private final Cleaner cleaner;
    private final Listener listener;
    private final Map<Integer, Held> held = new HashMap<>();
    private List<Runnable> line = new ArrayList<>();

    /** Hears of chunks that were written on some legs alone. */
    interface Listener {

        /** Called when a leg that has a chunk is no longer noted to lack it, which is about to be durable. */
        void repaired(int chunk);

        /** Called when a leg lacks a chunk after all. */
        void spoilt(Leg leg, int chunk);

        /** Called when what was copied of a chunk does not count; it may be copied again. */
        void settled(int chunk);

        /** Called when nothing is written to a chunk any more. */
        void released();
    }

    Repairs(Legs legs, Bitmap bitmap, Cleaner cleaner, Listener listener) {
        this.runtime = legs.runtime();
        this.roster = legs.roster();
        this.noted = roster.noted();
        this.planes = bitmap.planes();
        this.writer = bitmap.writer();
        this.cleaner = cleaner;
        this.listener = listener;
    }

    /** Whether those that copy have to leave a chunk alone. */
    boolean isHeld(int chunk) {
        return held.containsKey(chunk);
    }

    /** Adds the chunks that are to be left alone. */
    void addHeld(BitSet chunks) {
        held.keySet().forEach(chunks::set);
    }

    /** Forgets a note, as the leg does lack the chunk. */
    void forget(Leg leg, int chunk) {
        if (noted.forget(leg, chunk)) {
            next();
        }
    }

    /** Called when all that was cleared is durable: a leg that is not noted any more has the chunk. */
    void cleared() {
        if (noted.forgetCleared(planes)) {
            next();
        }
    }

    /** Lets all in line try again, as when a leg is out: what was noted of that leg is what it lacks. */
    void next() {
        List<Runnable> all = line;
        line = new ArrayList<>();
        all.forEach(runtime::tell);
    }

    /** Calls back when nothing is noted any more: what was repaired is on record as whole, or as lacking. */
    void whenSettled(Runnable told) {
        if (held.isEmpty() && roster.present().stream().noneMatch(noted::isNoted)) {
            told.run();
        } else {
            line.add(() -> whenSettled(told));
        }
    }

    /** Notes that legs lack these chunks; calls back with null once that is durable, or with the failure. */
    void begin(RepairRange range, Consumer<@Nullable DeviceException> told) {
        if (range.chunks().allMatch(chunk -> hasAnother(chunk, range.legs()))) {
            range.chunks().forEach(chunk -> hold(chunk).note(range.legs()));
            writer.await(told);
        } else if (range.chunks().anyMatch(this::isNotedByAny)) {
            line.add(() -> begin(range, told));
        } else {
            range.chunks().forEach(this::hold);
            told.accept(DeviceException.of(Errno.EIO, runtime.name(), "no other leg has it"));
        }
    }

    /** Ends a repair, as nothing is written there any more. */
    void end(RepairRange range, int failedMask) {
        range.chunks().forEach(chunk -> let(chunk, failedMask));
    }

    /** Holds a chunk that a leg lacks after all: it is copied once that is durable. */
    void spoilt(int chunk) {
        hold(chunk);
        makeDurable(chunk);
    }

    private void makeDurable(int chunk) {
        writer.await(problem -> {
            if (problem == null) {
                let(chunk, 0);
            } else {
                runtime.after(RETRY_SECONDS, TimeUnit.SECONDS, () -> makeDurable(chunk));
            }
        });
    }

    // If two legs lacked a chunk at the same time, each for a sector that the other has, no start would find it.
    private boolean hasAnother(int chunk, int legs) {
        return roster.present().stream()
                .anyMatch(leg -> (legs & leg.bit()) == 0
                        && leg.takesPart()
                        && !noted.isNoted(leg, chunk)
                        && !planes.get(Planes.stale(leg.index), chunk));
    }

    private boolean isNotedByAny(int chunk) {
        return roster.present().stream().anyMatch(leg -> leg.takesPart() && noted.isNoted(leg, chunk));
    }

    private Held hold(int chunk) {
        Held one = held.computeIfAbsent(chunk, Held::new);
        one.users++;
        return one;
    }

    private void let(int chunk, int failedMask) {
        Held one = held.get(chunk);
        if (one != null && one.isLast(failedMask)) {
            held.remove(chunk);
            one.settle();
            listener.released();
            next();
        }
    }

    /** A chunk that something is written to. */
    private final class Held {
        private final int chunk;
        private int users;
        private int failed;

        Held(int chunk) {
            this.chunk = chunk;
        }

        void note(int legs) {
            for (Leg leg : roster.present()) {
                boolean repaired = (legs & leg.bit()) != 0 && leg.takesPart();
                if (repaired && runtime.options().keeps(Rule.NOTE_BEFORE_REPAIR)) {
                    boolean hadIt = planes.set(Planes.stale(leg.index), chunk);
                    if (hadIt) {
                        noted.note(leg, chunk);
                    }
                    if (cleaner.forget(leg, chunk)) { // of an earlier repair
                        listener.settled(chunk);
                    }
                }
            }
        }

        boolean isLast(int failedMask) {
            failed |= runtime.options().keeps(Rule.SPOIL_WHAT_FAILED) ? failedMask : 0;
            return --users == 0;
        }

        // A leg that left meanwhile lacks the chunk.
        void settle() {
            for (Leg leg : roster.present()) {
                if ((failed & leg.bit()) != 0 && leg.takesPart()) {
                    listener.spoilt(leg, chunk);
                } else if (leg.takesPart() && noted.isNoted(leg, chunk)) {
                    listener.repaired(chunk);
                    cleaner.copied(chunk, leg, leg.joins);
                }
            }
        }
    }
}
