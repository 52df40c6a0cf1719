package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.mirror.disk.Membership;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The legs that a start claims.
 *
 * @param members those that take part
 * @param asked members, and those to be told that they do not take part
 * @param spare how many members may be without a mark: each set that could start alone still has one
 */
record ClaimLegs(List<BlockDevice> members, List<BlockDevice> asked, int spare) {

    static final ClaimLegs NONE = new ClaimLegs(List.of(), List.of(), 0);

    /**
     * Returns those of a mirror that is about to be opened.
     *
     * @param ready its membership, and the legs that are there
     */
    static ClaimLegs of(Assembly ready, MirrorSettings settings) {
        Membership membership = ready.membership();
        List<BlockDevice> in = new ArrayList<>();
        List<BlockDevice> out = new ArrayList<>();
        for (Map.Entry<Integer, LegDisk> leg : ready.disks().entrySet()) {
            (membership.leg(leg.getKey()).isIn() ? in : out).add(leg.getValue().device());
        }
        List<BlockDevice> members = List.copyOf(in);
        in.addAll(settings.isTrusting() ? out : List.of());
        return new ClaimLegs(members, List.copyOf(in), spare(members.size(), membership.legsMin()));
    }

    /** Returns the same legs, of which each needs the mark. */
    ClaimLegs withoutSpare() {
        return new ClaimLegs(members, asked, 0);
    }

    /** Returns how many of so many legs may be without a mark. */
    static int spare(int legs, int legsMin) {
        return Math.max(legs - legsMin + 1, legsMin) - 1;
    }

    /** The one that stands for all where one has to be named. */
    BlockDevice first() {
        return members.get(0);
    }

    /** Whether so many have a mark that nobody can start without seeing it. */
    boolean suffice(List<BlockDevice> marked) {
        return members.stream().filter(leg -> !marked.contains(leg)).count() <= spare;
    }
}
