package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.LegRecord.State;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Decides from the superblocks of the legs that are there whether they are a mirror, which of them knows best, and who is
 * missing. Refuses what could lose data that was acknowledged, and says what to do.
 *
 * @param membership what the newest says, with those that are missing dropped
 * @param disks by index
 * @param trusted the index of the leg whose content counts, whatever else is known; -1 if there is none
 */
record Lineup(Membership membership, Map<Integer, LegDisk> disks, int trusted) {

    /**
     * Puts the legs in their places.
     *
     * @param legs each with its superblock
     * @throws DeviceException if they must not be started
     */
    static Lineup of(List<LegDisk> legs, MirrorSettings options) {
        if (legs.isEmpty()) {
            throw new IllegalArgumentException("no legs");
        }
        requireOneMirror(legs);
        if (options.trusted() != MirrorOptions.NOBODY) {
            return trusting(legs, options);
        }
        Membership head = newest(legs);
        Map<Integer, LegDisk> disks = places(legs, head);
        Membership membership = withoutMissing(head, disks, options);
        for (Map.Entry<Integer, LegDisk> each : disks.entrySet()) {
            LegRecord record = membership.leg(each.getKey());
            membership =
                    membership.with(each.getKey(), record.named(each.getValue().name()));
        }
        return new Lineup(membership.withClean(false), disks, MirrorOptions.NOBODY);
    }

    /** Legs whose bitmaps count: those that take part. */
    List<LegDisk> informed() {
        return disks.entrySet().stream()
                .filter(each -> membership.leg(each.getKey()).isIn())
                .map(Map.Entry::getValue)
                .toList();
    }

    private static void requireOneMirror(List<LegDisk> legs) {
        LegDisk first = legs.get(0);
        UUID mirror = first.mark().membership().mirror();
        Map<UUID, LegDisk> seen = new HashMap<>();
        for (LegDisk leg : legs) {
            UUID its = leg.mark().membership().mirror();
            if (!its.equals(mirror)) {
                throw refuse(leg, "belongs to mirror " + its + ", and " + first.name() + " to mirror " + mirror);
            }
            LegDisk other = seen.put(leg.mark().leg(), leg);
            if (other != null) {
                throw refuse(leg, "is the same leg as " + other.name() + ": one is a copy of the other; give only one");
            }
        }
    }

    private static Membership newest(List<LegDisk> legs) {
        List<LegDisk> heads = legs.stream()
                .filter(leg -> legs.stream().noneMatch(other -> isBehind(leg, other)))
                .toList();
        LegDisk best = heads.get(0);
        for (LegDisk head : heads) {
            if (head.mark().membership().lineage() != best.mark().membership().lineage()) {
                throw refuse(
                        head,
                        "went on without " + best.name() + ", and that without it, so that both may have taken writes:"
                                + " name the one that counts (trust), and the others get its content");
            }
            boolean newer = head.mark().membership().generation()
                    > best.mark().membership().generation();
            best = newer ? head : best;
        }
        return best.mark().membership();
    }

    private static boolean isBehind(LegDisk leg, LegDisk other) {
        Membership one = leg.mark().membership();
        Membership two = other.mark().membership();
        return one.lineage() != two.lineage() && two.descendsFrom(one);
    }

    private static Map<Integer, LegDisk> places(List<LegDisk> legs, Membership head) {
        Map<Integer, LegDisk> disks = new TreeMap<>();
        for (LegDisk leg : legs) {
            int index = head.indexOf(leg.mark().leg());
            if (index < 0) {
                throw refuse(leg, "was removed from this mirror: leave it out, or add it as a new leg");
            }
            disks.put(index, leg);
        }
        return disks;
    }

    private static Membership withoutMissing(Membership head, Map<Integer, LegDisk> disks, MirrorSettings options) {
        List<Integer> missing = head.legs().stream()
                .filter(LegRecord::isIn)
                .map(head.legs()::indexOf)
                .filter(index -> !disks.containsKey(index))
                .toList();
        long present =
                disks.keySet().stream().filter(index -> head.leg(index).isIn()).count();
        // Fewer than legsMin cannot have taken a write alone; and with that many here, no others can ever start alone.
        boolean safe = missing.isEmpty() || (missing.size() < head.legsMin() && present >= head.legsMin());
        if (present == 0 || !(safe || options.degraded())) {
            String names = missing.stream()
                    .map(index -> "leg " + index + " (" + head.leg(index).name() + ")")
                    .collect(Collectors.joining(", "));
            throw DeviceException.of(
                    Errno.ENODEV,
                    disks.values().iterator().next().name(),
                    names
                            + " is missing, took part when last seen, and may have taken writes alone since: bring it, or,"
                            + " if it has not, open degraded");
        }
        Membership membership = head;
        for (int index : missing) {
            membership = membership.drop(index, State.OUT, options.newId().getLeastSignificantBits());
        }
        return membership;
    }

    private static Lineup trusting(List<LegDisk> legs, MirrorSettings options) {
        if (options.trusted() >= legs.size()) {
            throw new IllegalArgumentException("trust(" + options.trusted() + ") of " + legs.size() + " legs");
        }
        LegDisk right = legs.get(options.trusted());
        Membership membership = right.mark().membership();
        Map<Integer, LegDisk> disks = places(legs, membership);
        int trusted = right.mark().index();
        for (int i = 0; i < MirrorOptions.LEGS_MAX; i++) {
            if (i != trusted && membership.leg(i).isIn()) {
                membership = membership.drop(i, State.OUT, options.newId().getLeastSignificantBits());
            }
        }
        LegRecord record = membership.leg(trusted).with(State.IN).named(right.name());
        membership = membership
                .drop(trusted, State.OUT, options.newId().getLeastSignificantBits())
                .with(trusted, record);
        return new Lineup(membership.withClean(false), disks, trusted);
    }

    private static DeviceException refuse(LegDisk leg, String why) {
        return DeviceException.of(Errno.EINVAL, leg.name(), why);
    }
}
