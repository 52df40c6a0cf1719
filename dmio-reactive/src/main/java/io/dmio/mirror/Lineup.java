package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.LegMarks;
import io.dmio.mirror.disk.LegRecord;
import io.dmio.mirror.disk.LegRecord.State;
import io.dmio.mirror.disk.Membership;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Decides from the superblocks of the legs that are there whether they are a mirror, which of them knows best, and
 * which are missing. Refuses a start that could lose acknowledged data, and says what to do.
 *
 * @param membership what the newest superblock says, with missing legs dropped
 * @param disks the legs that are there, by index
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
        if (options.isTrusting()) {
            return trusting(legs, options);
        }
        Membership head = newest(legs);
        requireRead(legs, options);
        Map<Integer, LegDisk> disks = places(legs, head);
        Membership membership = withoutMissing(head, disks, options);
        for (Map.Entry<Integer, LegDisk> each : disks.entrySet()) {
            LegRecord record = membership.leg(each.getKey());
            membership =
                    membership.with(each.getKey(), record.named(each.getValue().name()));
        }
        return new Lineup(membership.withClean(false), disks, LegLayout.NO_LEG);
    }

    /** Whether each leg that took part when last seen takes part now. */
    boolean isAll() {
        Membership newest = disks.values().stream()
                .map(disk -> membership(disk))
                .max(Comparator.comparingLong(Membership::generation))
                .orElse(membership);
        return newest.inMask() == membership.inMask();
    }

    /** Returns the legs whose bitmaps count: those that take part. */
    List<LegDisk> informed() {
        return disks.entrySet().stream()
                .filter(each -> membership.leg(each.getKey()).isIn())
                .map(Map.Entry::getValue)
                .toList();
    }

    /** Returns, by index, the legs that take part and have not seen the newest batch: what it cleared does not hold for them. */
    Map<Integer, LegDisk> behind() {
        Map<Integer, LegDisk> behind = new TreeMap<>(disks);
        behind.keySet().removeIf(index -> !membership.leg(index).isIn() || batch(index) == newestBatch());
        return behind;
    }

    /** Returns the mark of a leg that is there: the batch that it saw last. */
    long batch(int index) {
        return place(disks, index).batch();
    }

    private long newestBatch() {
        return informed().stream().mapToLong(LegDisk::batch).max().orElse(LegMarks.UNKNOWN);
    }

    private static void requireOneMirror(List<LegDisk> legs) {
        LegDisk first = legs.get(0);
        UUID mirror = membership(first).mirror();
        Map<UUID, LegDisk> seen = new HashMap<>();
        for (LegDisk leg : legs) {
            UUID its = membership(leg).mirror();
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
                .filter(leg -> legs.stream().noneMatch(other -> membership(leg).isBehind(membership(other))))
                .toList();
        if (heads.isEmpty()) { // ids that were drawn twice, or written by somebody else
            throw split(
                    legs.get(0), "knows of others that went on without it, as each of these does: none is the newest");
        }
        LegDisk first = heads.get(0);
        for (LegDisk head : heads) {
            if (membership(head).lineage() != membership(first).lineage()) {
                throw split(
                        head,
                        "went on without " + first.name()
                                + ", and that without it, so that both may have taken writes");
            }
        }
        LegDisk best = Collections.max(heads, Comparator.comparingLong(Lineup::generation));
        for (LegDisk head : heads) {
            boolean tie =
                    generation(head) == generation(best) && !membership(best).isIntroduction();
            if (tie && !membership(head).equals(membership(best))) {
                throw split(head, "says something else than " + best.name() + " in a record of the same number");
            }
        }
        return membership(best);
    }

    /**
     * Refuses a leg with a superblock that could not be read. That may be its newest record, the next after the one that was read, and may say,
     * for one thing, that the leg went on without the others. It is not the newest if another leg has a later record by which this leg takes
     * part.
     */
    private static void requireRead(List<LegDisk> legs, MirrorSettings options) {
        for (LegDisk leg : legs) {
            boolean known = legs.stream().anyMatch(other -> generation(other) > generation(leg) && knows(other, leg));
            if (leg.isHalfRead() && !known && !options.degraded() && options.keeps(Rule.READ_BOTH_SLOTS)) {
                throw DeviceException.of(
                        Errno.EIO,
                        leg.name(),
                        "one of its two superblocks cannot be read, and may tell that it took writes alone",
                        MirrorRefusal.LEG_MISSING);
            }
        }
    }

    private static boolean knows(LegDisk other, LegDisk leg) {
        Membership says = membership(other);
        int index = says.indexOf(leg.mark().leg());
        return index >= 0 && says.leg(index).isIn() && says.descendsFrom(membership(leg));
    }

    private static long generation(LegDisk leg) {
        return membership(leg).generation();
    }

    private static Membership membership(LegDisk leg) {
        return leg.mark().membership();
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
        List<Integer> in = head.legs().stream()
                .filter(LegRecord::isIn)
                .map(head.legs()::indexOf)
                .toList();
        long newest = in.stream()
                .filter(disks::containsKey)
                .mapToLong(index -> place(disks, index).batch())
                .max()
                .orElse(LegMarks.UNKNOWN);
        List<Integer> absent =
                in.stream().filter(index -> !disks.containsKey(index)).toList();
        requireMost(head, disks, options);
        List<Integer> current = in.stream()
                .filter(index -> disks.containsKey(index) && isCurrent(place(disks, index), head, newest))
                .toList();
        // Fewer than legsMin legs cannot have taken a write alone; and with legsMin legs here, no others can ever start
        // alone.
        boolean safe = absent.isEmpty() || (absent.size() < head.legsMin() && current.size() >= head.legsMin());
        if (!(safe || options.degraded())) {
            throw missing(head, disks, absent);
        }
        boolean known = current.stream().anyMatch(index -> {
            Membership own = place(disks, index).mark().membership();
            return own.leg(index).isIn();
        });
        if (current.isEmpty() || !(known || options.degraded())) {
            throw missing(head, disks, absent.isEmpty() ? in : absent);
        }
        Membership membership = head.withOutnumbered(head.outnumbered() && !options.degraded());
        for (int index : in) {
            if (!current.contains(index)) {
                LegMarks left = disks.containsKey(index) ? LegMarks.NONE : new LegMarks(newest - 1, newest);
                membership = membership.drop(index, head.leg(index).out(left), newLineage(options));
            }
        }
        return membership;
    }

    // Not all legs that are out knew that they are; if they are enough, they may have gone on.
    private static void requireMost(Membership head, Map<Integer, LegDisk> disks, MirrorSettings options) {
        List<Integer> out = IntStream.range(0, LegLayout.LEGS_MAX)
                .filter(index -> !head.leg(index).isFree() && !head.leg(index).isIn() && !disks.containsKey(index))
                .boxed()
                .toList();
        if (head.outnumbered() && out.size() >= head.legsMin() && !options.degraded()) {
            throw missing(head, disks, out);
        }
    }

    // Records and batches are written one at a time, so a leg that is further behind was put back to an older state. A
    // mark that is not whole is no older state: its write failed, or the power went during it. Nobody knows then what
    // the leg had seen, so all of it is dirty, and it is chosen last; but it counts for what no other leg has.
    private static boolean isCurrent(LegDisk disk, Membership head, long newestBatch) {
        Membership own = membership(disk);
        boolean recent = own.generation() >= head.generation() - 1 && own.generation() <= head.generation();
        boolean seen = disk.batch() == LegMarks.UNKNOWN || disk.batch() >= newestBatch - 1;
        return (recent || own.isIntroduction()) && head.descendsFrom(own) && seen;
    }

    private static LegDisk place(Map<Integer, LegDisk> disks, int index) {
        return Objects.requireNonNull(disks.get(index));
    }

    private static DeviceException missing(Membership head, Map<Integer, LegDisk> disks, List<Integer> absent) {
        return missing(
                disks.values().iterator().next().name(),
                names(head, absent) + " is missing, took part when last seen, and may have taken writes alone since");
    }

    private static DeviceException missing(String device, String what) {
        return DeviceException.of(Errno.ENODEV, device, what, MirrorRefusal.LEG_MISSING);
    }

    private static String names(Membership head, List<Integer> legs) {
        return legs.stream()
                .map(index -> "leg " + index + " (" + head.leg(index).name() + ")")
                .collect(Collectors.joining(", "));
    }

    /** Returns why a mirror does not start whose legs that are out may start by themselves, and do not come in. */
    static DeviceException outnumbered(String mirror, Membership head, List<Integer> out) {
        return missing(mirror, names(head, out) + " may start without the others, and cannot be brought in");
    }

    private static long newLineage(MirrorSettings options) {
        return options.newId().getLeastSignificantBits();
    }

    private static Lineup trusting(List<LegDisk> legs, MirrorSettings options) {
        if (options.trusted() >= legs.size()) {
            throw new IllegalArgumentException("trust(" + options.trusted() + ") of " + legs.size() + " legs");
        }
        LegDisk right = legs.get(options.trusted());
        if (membership(right).isIntroduction()) {
            throw refuse(right, "was about to be added, and never took part: it cannot be the one that counts");
        }
        Membership membership = membership(right);
        Map<Integer, LegDisk> disks = places(legs, membership);
        int trusted = right.mark().index();
        for (int i = 0; i < LegLayout.LEGS_MAX; i++) {
            if (i != trusted && !membership.leg(i).isFree()) {
                LegRecord out = membership.leg(i).out(LegMarks.NONE);
                membership = membership.leg(i).isIn()
                        ? membership.drop(i, out, newLineage(options))
                        : membership.with(i, out);
            }
        }
        LegRecord record = membership.leg(trusted).with(State.IN).named(right.name());
        membership = membership
                .drop(trusted, record, newLineage(options))
                .over(legs.stream().map(leg -> membership(leg)).toList());
        return new Lineup(membership.withClean(false).withOutnumbered(false), disks, trusted);
    }

    private static DeviceException split(LegDisk leg, String why) {
        return DeviceException.of(Errno.EINVAL, leg.name(), why, MirrorRefusal.SPLIT_BRAIN);
    }

    private static DeviceException refuse(LegDisk leg, String why) {
        return DeviceException.of(Errno.EINVAL, leg.name(), why);
    }
}
