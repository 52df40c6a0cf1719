package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.disk.Membership;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Knows which legs carry their owner's mark, and whether these are enough: each set of legs that could start alone has
 * to include one of them. So a leg gets the mark before anything else is written to it. Owned by the mailbox.
 */
final class MarkedLegs {

    private final MirrorRuntime runtime;
    private final Roster roster;
    private final LegFailures failures;
    private final Map<Leg, Seen> strange = new HashMap<>(); // legs that carry another's mark, and are watched
    private final Map<Leg, Integer> known = new HashMap<>(); // how often a leg had come in when it got its mark
    private final List<Newcomer> newcomers = new ArrayList<>();
    private int owing; // bit i: leg i has not answered a beat
    private boolean changed;
    private @Nullable DeviceException stopped;

    private record Seen(Sight sight, long sinceNanos) {}

    private record Newcomer(Leg leg, int joins, Consumer<@Nullable DeviceException> told) {}

    MarkedLegs(Legs legs) {
        this.runtime = legs.runtime();
        this.roster = legs.roster();
        this.failures = legs.failures();
    }

    /** The legs that have the owner's mark or are to get it, except those that have not yet done what they were asked before. */
    List<Leg> legs() {
        return roster.present().stream()
                .filter(leg -> leg.life().getsMark() && (owing & leg.bit()) == 0)
                .toList();
    }

    void asked(int mask) {
        owing |= mask;
    }

    void answered(int mask) {
        owing &= ~mask;
    }

    boolean has(Leg leg) {
        return Integer.valueOf(leg.joins).equals(known.get(leg));
    }

    void add(Leg leg) {
        changed |= !has(leg);
        known.put(leg, leg.joins);
        strange.remove(leg);
    }

    /** Whether any leg has got the mark since this was asked last. */
    boolean changed() {
        boolean was = changed;
        changed = false;
        return was;
    }

    /** Returns a leg that had its owner's mark and has another's now. */
    Optional<Leg> taken(OwnerRound looks, OwnerMark mine) {
        return looks.legs().stream()
                .filter(leg -> isThere(leg) && has(leg) && looks.sight(leg).isByAnother(mine))
                .findFirst();
    }

    /** The legs on which their owner's mark was seen. */
    List<Leg> seen(OwnerRound looks, OwnerMark mine) {
        return looks.legs().stream()
                .filter(leg -> has(leg) && looks.sight(leg).isBy(mine))
                .toList();
    }

    /** As {@link #seen}, and the legs that gave nothing to tell by. */
    List<Leg> unclear(OwnerRound looks, OwnerMark mine) {
        return looks.legs().stream()
                .filter(leg -> has(leg) && looks.hasAnswered(leg))
                .filter(leg ->
                        looks.sight(leg).mark() == null || looks.sight(leg).isBy(mine))
                .toList();
    }

    /** Whether a leg that had its owner's mark can be read and has none. */
    boolean areGone(OwnerRound looks) {
        return looks.legs().stream()
                .anyMatch(
                        leg -> has(leg) && looks.isDone(leg) && looks.sight(leg).mark() == null);
    }

    /**
     * Returns the legs to which the owner's mark may be written. Another owner's mark that is held is watched as long as at a start before it is
     * overwritten, as it may have been left there when the leg was out. A leg whose mark moves, or cannot be read, does not come in.
     */
    List<Leg> mayGet(OwnerRound looks, OwnerMark mine, long nanos) {
        return looks.legs().stream()
                .filter(leg -> isThere(leg) && looks.hasAnswered(leg) && mayGet(leg, looks.sight(leg), mine, nanos))
                .toList();
    }

    private boolean isThere(Leg leg) {
        return leg.life().getsMark() && leg.equals(roster.leg(leg.index));
    }

    private boolean mayGet(Leg leg, Sight sight, OwnerMark mine, long nanos) {
        if (has(leg) || sight.isBy(mine)) {
            return true;
        }
        if (sight.kind() == Sight.Kind.UNREADABLE) {
            refuse(leg, DeviceException.of(Errno.EIO, leg.name(), "the owner's mark on it cannot be read"));
            return false;
        }
        if (!sight.isHeld(List.of(sight), runtime.options().host())) {
            return true;
        }
        OwnerMark other = sight.mark();
        Seen before = strange.putIfAbsent(leg, new Seen(sight, nanos));
        if (before == null) {
            return false;
        }
        if (!before.sight.equals(sight)) {
            strange.remove(leg);
            if (other != null) {
                refuse(leg, other.refusal(leg.name()));
            }
            return false;
        }
        OwnerTerms terms = other == null ? runtime.options().ownerTerms() : other.terms();
        return nanos - before.sinceNanos >= terms.watchNanos();
    }

    private void refuse(Leg leg, DeviceException why) {
        tell(one -> one.leg.equals(leg) && one.joins == leg.joins, why);
        failures.failed(leg, why, false);
    }

    /** Whether those of these legs that take part are enough. */
    boolean suffice(List<Leg> legs) {
        long count = legs.stream().filter(Leg::takesPart).count();
        Membership membership = roster.membership();
        int legsIn = Math.max(Integer.bitCount(membership.inMask()), 1);
        return count > 0 && legsIn - count <= ClaimLegs.spare(legsIn, membership.legsMin());
    }

    /** Calls back when a leg that is about to come in has its mark, or is gone, or is refused. */
    void await(Leg leg, Consumer<@Nullable DeviceException> told) {
        DeviceException why = stopped;
        if (why != null) {
            told.accept(why);
        } else {
            newcomers.add(new Newcomer(leg, leg.joins, told));
        }
    }

    /** Called when a beat is over: calls back for legs that have their mark by now, or wait for none any more. */
    void look() {
        tell(one -> has(one.leg) || one.leg.life() != LegLife.CLAIMING || one.joins != one.leg.joins, null);
    }

    /** Lets no leg come in any more. */
    void stop(DeviceException why) {
        stopped = why;
        tell(one -> true, why);
    }

    private void tell(Predicate<Newcomer> which, @Nullable DeviceException problem) {
        List<Newcomer> now = newcomers.stream().filter(which).toList();
        newcomers.removeAll(now);
        now.forEach(one -> runtime.tell(() -> one.told.accept(problem)));
    }
}
