package io.dmio.mirror;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Legs that have just come in and carry a mark that is not this owner's: one that was left there when the leg was out, or one that
 * moves. Each is watched as long as at a start, before it is written over. Owned by the mailbox.
 */
final class Strangers {

    private final Mirror mirror;
    private final OwnerTerms terms;
    private final Map<Leg, Seen> seen = new HashMap<>();

    private record Seen(Sight sight, long sinceNanos) {}

    Strangers(Mirror mirror, OwnerTerms terms) {
        this.mirror = mirror;
        this.terms = terms;
    }

    /** The leg has its owner's mark. */
    void forget(Leg leg) {
        seen.remove(leg);
    }

    /** Whether the owner's mark may be written to a leg; one whose mark moves is dropped. */
    boolean isFree(Leg leg, Sight sight, long nanos) {
        if (sight.kind() == Sight.Kind.UNREADABLE) {
            return false;
        }
        if (!sight.isHeld(List.of(sight), mirror.options().host())) {
            return true;
        }
        OwnerMark other = sight.mark();
        Seen before = seen.get(leg);
        if (before == null) {
            seen.put(leg, new Seen(sight, nanos));
            return false;
        }
        if (!before.sight.equals(sight)) {
            seen.remove(leg);
            if (other != null) {
                mirror.roster().failed(leg, other.refusal(leg.name()), false);
            }
            return false;
        }
        return nanos - before.sinceNanos >= (other == null ? terms : other.terms()).watchNanos();
    }
}
