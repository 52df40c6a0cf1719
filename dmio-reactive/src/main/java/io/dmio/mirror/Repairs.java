package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.MirrorEvent.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Chunks that legs are noted to lack because something is written there to these legs alone: heals, a scrub's repairs, and what is to
 * be copied to a leg that had it before. A write that fails leaves anything, and the power can go right after it, so that a leg lacks
 * the chunk has to be durable before the first byte goes. While a chunk is held here nobody else copies it, and at any time one leg
 * that takes part has it, on record. Owned by the mailbox.
 */
final class Repairs {

    private static final long RETRY_SECONDS = 10;

    private final Mirror mirror;
    private final Map<Integer, Held> held = new HashMap<>();
    private final Map<Place, Integer> noted = new HashMap<>(); // the leg's joins then
    private int heals;
    private List<Runnable> line = new ArrayList<>();

    /** A chunk of a leg. */
    private record Place(int chunk, int leg) {}

    Repairs(Mirror mirror) {
        this.mirror = mirror;
    }

    /** A bad range of a leg is written again with what the others have. */
    void heal(Leg leg, long sector, long count) {
        heals++;
        new PieceCopy(mirror, new long[] {sector, count}, leg.bit(), (done, failed, problem) -> {
                    heals--;
                    if ((done & leg.bit()) != 0) {
                        leg.healed++;
                        mirror.happened(
                                Kind.HEALED,
                                leg.index,
                                "leg " + leg.index + " (" + leg.name() + "): sectors [" + sector + ", "
                                        + (sector + count) + ") were written again");
                    }
                })
                .noting()
                .start();
    }

    boolean isHealing() {
        return heals > 0;
    }

    /** Whether a chunk is to be left alone by those that copy. */
    boolean isHeld(int chunk) {
        return held.containsKey(chunk);
    }

    /** Whether a leg has a chunk, though it is noted to lack it while something is written there again, or was a moment ago. */
    boolean isNoted(Leg leg, int chunk) {
        return leg.takesPart() && Integer.valueOf(leg.joins).equals(noted.get(new Place(chunk, leg.index)));
    }

    /** Whether a leg is noted to lack any chunk for the time being. */
    boolean isNoted(Leg leg) {
        return !noted.isEmpty()
                && leg.takesPart()
                && noted.entrySet().stream()
                        .anyMatch(each -> each.getKey().leg == leg.index && each.getValue() == leg.joins);
    }

    /** What a leg is noted to lack is what it lacks. */
    void forget(Leg leg, int chunk) {
        if (noted.remove(new Place(chunk, leg.index)) != null) {
            next();
        }
    }

    /** All that was cleared is durable: who is not noted any more, has the chunk. */
    void cleared() {
        if (noted.keySet().removeIf(place -> !mirror.planes().get(Planes.stale(place.leg), place.chunk))) {
            next();
        }
    }

    /** A leg is out: what was noted of it is what it lacks. */
    void next() {
        List<Runnable> all = line;
        line = new ArrayList<>();
        all.forEach(mirror::tell);
    }

    /** Tells when nothing is noted any more: what was repaired is on record as whole, or as lacking. */
    void whenSettled(Runnable told) {
        if (held.isEmpty() && mirror.roster().present().stream().noneMatch(this::isNoted)) {
            told.run();
        } else {
            line.add(() -> whenSettled(told));
        }
    }

    /** Notes that legs lack these chunks; tells when that is durable, or with what it could not be made so. */
    void begin(RepairRange range, Consumer<@Nullable DeviceException> told) {
        if (range.chunks().allMatch(chunk -> hasAnother(chunk, range.legs()))) {
            range.chunks().forEach(chunk -> hold(chunk).note(range.legs()));
            mirror.intents().await(told);
        } else if (range.chunks().anyMatch(this::isNotedByAny)) {
            line.add(() -> begin(range, told));
        } else {
            range.chunks().forEach(this::hold);
            told.accept(DeviceException.of(Errno.EIO, mirror.name(), "no other leg has it"));
        }
    }

    /** Nothing is written there any more. */
    void end(RepairRange range, int failedMask) {
        range.chunks().forEach(chunk -> let(chunk, failedMask));
    }

    /** A leg lacks a chunk after all: it is copied once that is durable. */
    void spoilt(int chunk) {
        hold(chunk);
        makeDurable(chunk);
    }

    private void makeDurable(int chunk) {
        mirror.intents().await(problem -> {
            if (problem == null) {
                let(chunk, 0);
            } else {
                mirror.after(RETRY_SECONDS, TimeUnit.SECONDS, () -> makeDurable(chunk));
            }
        });
    }

    // If two legs lacked a chunk at the same time, each for a sector that the other has, no start would find it.
    private boolean hasAnother(int chunk, int legs) {
        return mirror.roster().present().stream()
                .anyMatch(leg -> (legs & leg.bit()) == 0
                        && leg.takesPart()
                        && !isNoted(leg, chunk)
                        && !mirror.planes().get(Planes.stale(leg.index), chunk));
    }

    private boolean isNotedByAny(int chunk) {
        return mirror.roster().present().stream().anyMatch(leg -> leg.takesPart() && isNoted(leg, chunk));
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
            mirror.resync().look();
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
            for (Leg leg : mirror.roster().present()) {
                boolean repaired = (legs & leg.bit()) != 0 && leg.takesPart();
                if (repaired && mirror.options().keeps(Rule.NOTE_BEFORE_REPAIR)) {
                    boolean hadIt = mirror.planes().set(Planes.stale(leg.index), chunk);
                    if (hadIt) {
                        noted.put(new Place(chunk, leg.index), leg.joins);
                    }
                    if (mirror.cleaner().forget(leg, chunk)) { // of a repair before
                        mirror.resync().settled(chunk);
                    }
                }
            }
        }

        boolean isLast(int failedMask) {
            failed |= mirror.options().keeps(Rule.SPOIL_WHAT_FAILED) ? failedMask : 0;
            return --users == 0;
        }

        // A leg that left meanwhile lacks the chunk.
        void settle() {
            for (Leg leg : mirror.roster().present()) {
                if ((failed & leg.bit()) != 0 && leg.takesPart()) {
                    mirror.resync().spoil(leg, chunk);
                } else if (leg.takesPart() && isNoted(leg, chunk)) {
                    mirror.resync().repaired(chunk);
                    mirror.cleaner().copied(chunk, leg, leg.joins);
                }
            }
        }
    }
}
