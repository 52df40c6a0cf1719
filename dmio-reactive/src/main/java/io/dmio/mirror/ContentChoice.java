package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Membership;
import io.dmio.mirror.disk.Planes;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Chooses, chunk by chunk, which leg's content counts at a start. */
final class ContentChoice {

    private ContentChoice() {}

    /**
     * Returns the legs that take part, those with preferred content first: a write-mostly leg may lag behind what was
     * acknowledged, and a leg that has not seen the newest batch may have been put back to an older state.
     */
    static List<Integer> inOrder(Lineup lineup, MirrorSettings options) {
        Membership membership = lineup.membership();
        Comparator<Integer> lags =
                Comparator.comparing(leg -> membership.leg(leg).writeMostly());
        Comparator<Integer> older = Comparator.comparingLong(leg -> -lineup.batch(leg));
        return IntStream.range(0, LegLayout.LEGS_MAX)
                .filter(leg -> membership.leg(leg).isIn())
                .boxed()
                .sorted(options.keeps(Rule.ASK_WHO_IS_BEHIND) ? lags.thenComparing(older) : lags)
                .toList();
    }

    /**
     * Clears the stale bit of a leg if of this leg alone it cannot be read whether it has a chunk, and all others lack the chunk. Then this leg
     * has it: each chunk is whole on one of the legs that took part last, if these are all of them.
     */
    static void conclude(Planes planes, List<Integer> in) {
        for (int chunk = 0; chunk < planes.chunkCount(); chunk++) {
            int here = chunk;
            if (in.stream().allMatch(leg -> planes.get(Planes.stale(leg), here))) {
                List<Integer> unknown = in.stream()
                        .filter(leg -> planes.isUnread(Planes.stale(leg), here))
                        .toList();
                unknown.stream()
                        .filter(any -> unknown.size() == 1)
                        .forEach(leg -> planes.clear(Planes.stale(leg), here));
            }
        }
    }

    /** Refuses a mirror if some chunk is whole on none of these legs. */
    static void requireEveryChunk(Membership membership, Planes planes, List<Integer> in) {
        if (in.stream().anyMatch(leg -> planes.count(Planes.stale(leg)) == 0)) {
            return;
        }
        for (int chunk = 0; chunk < membership.chunkCount(); chunk++) {
            int which = chunk;
            if (in.stream().allMatch(leg -> planes.get(Planes.stale(leg), which))) {
                String names = in.stream()
                        .map(leg -> membership.leg(leg).name())
                        .toList()
                        .toString();
                throw DeviceException.of(
                        Errno.ENODEV,
                        "mirror " + membership.mirror(),
                        "chunk " + chunk + " is whole on none of " + names,
                        MirrorRefusal.CONTENT_MISSING);
            }
        }
    }

    /** Chooses for each dirty chunk the first leg that has it: the others lack it from then on. */
    static void choose(Planes planes, List<Integer> in) {
        for (int chunk = planes.next(Planes.DIRTY, 0); chunk >= 0; chunk = planes.next(Planes.DIRTY, chunk + 1)) {
            int dirty = chunk;
            int chosen = in.stream()
                    .filter(leg -> !planes.get(Planes.stale(leg), dirty))
                    .findFirst()
                    .orElseThrow();
            in.stream().filter(leg -> leg != chosen).forEach(leg -> planes.set(Planes.stale(leg), dirty));
        }
    }
}
