package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.mirror.disk.Membership;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

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
     * @param disks the legs that are there, by index
     */
    static ClaimLegs of(Membership membership, Map<Integer, LegDisk> disks, boolean isTrusting) {
        List<BlockDevice> in = new ArrayList<>();
        List<BlockDevice> out = new ArrayList<>();
        for (Map.Entry<Integer, LegDisk> leg : disks.entrySet()) {
            (membership.leg(leg.getKey()).isIn() ? in : out).add(leg.getValue().device());
        }
        List<BlockDevice> members = List.copyOf(in);
        in.addAll(isTrusting ? out : List.of());
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

    /** Returns those of the {@linkplain #asked asked} legs of which this says so, one after the other. */
    List<BlockDevice> asked(List<Boolean> which) {
        return IntStream.range(0, asked.size())
                .filter(which::get)
                .mapToObj(asked::get)
                .toList();
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
