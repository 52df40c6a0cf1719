package io.dmio.app.copy;

import io.dmio.app.cli.Sizes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The sectors of a leg whose content is undefined: disjoint ranges, merged if they touch. Not thread-safe. */
final class FailedRanges {

    private static final int SHOWN_MAX = 3;

    private final TreeMap<Long, Long> ends = new TreeMap<>(); // first sector → the one after the last

    /**
     * A range of sectors.
     *
     * @param sector the first
     * @param count how many, at least 1
     */
    public record Range(long sector, long count) {
        long end() {
            return sector + count;
        }

        @Override
        public String toString() {
            return "[" + sector + ", " + end() + ")";
        }
    }

    /** Adds a range; overlaps are fine. */
    void add(long sector, long count) {
        if (count == 0) {
            return;
        }
        long first = sector;
        long end = sector + count;
        Map.Entry<Long, Long> near = ends.floorEntry(end);
        while (near != null && near.getValue() >= first) {
            first = Math.min(first, near.getKey());
            end = Math.max(end, near.getValue());
            ends.remove(near.getKey());
            near = ends.floorEntry(end);
        }
        ends.put(first, end);
    }

    /** Returns the ranges, ascending. */
    List<Range> list() {
        List<Range> list = new ArrayList<>(ends.size());
        ends.forEach((first, end) -> list.add(new Range(first, end - first)));
        return List.copyOf(list);
    }

    /** Returns the first few in words: {@code sectors [0, 8) [16, 24) and 5 more ranges}. */
    static String words(List<Range> ranges) {
        StringBuilder text = new StringBuilder("sectors");
        ranges.stream().limit(SHOWN_MAX).forEach(range -> text.append(' ').append(range));
        if (ranges.size() > SHOWN_MAX) {
            text.append(" and ").append(Sizes.counted(ranges.size() - SHOWN_MAX, "more range"));
        }
        return text.toString();
    }
}
