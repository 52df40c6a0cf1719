package io.dmio.device;

import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;

/** A number for each sector of a range, kept as ranges of equal numbers, as the range may be as long as a device. Guarded by its owner. */
final class SectorCounts {

    private final long start;
    private final long end;
    private final NavigableMap<Long, Integer> numbers = new TreeMap<>(); // each holds up to the next key

    SectorCounts(long start, long end, int number) {
        this.start = start;
        this.end = end;
        if (start < end) {
            numbers.put(start, number);
        }
    }

    /** Returns the largest number of the given sectors that are in the range; {@code otherwise} if there are none. */
    int max(long from, long to, int otherwise) {
        int max = otherwise;
        if (Math.max(from, start) < Math.min(to, end)) {
            Long first = numbers.floorKey(Math.max(from, start));
            for (int number : numbers.subMap(first, true, to, false).values()) {
                max = Math.max(max, number);
            }
        }
        return max;
    }

    /** Changes the numbers of the given sectors that are in the range. */
    void change(long from, long to, IntUnaryOperator how) {
        long first = Math.max(from, start);
        long last = Math.min(to, end);
        if (first >= last) {
            return;
        }
        split(first);
        split(last);
        numbers.subMap(first, last).replaceAll((at, number) -> how.applyAsInt(number));
        join(first, last);
    }

    /** Returns how many ranges of equal numbers there are. */
    int runs() {
        return numbers.size();
    }

    private void split(long at) {
        if (at < end) {
            numbers.put(at, numbers.floorEntry(at).getValue());
        }
    }

    private void join(long first, long last) {
        Map.Entry<Long, Integer> before = numbers.lowerEntry(first);
        Iterator<Map.Entry<Long, Integer>> runs =
                numbers.subMap(first, true, last, true).entrySet().iterator();
        while (runs.hasNext()) {
            Map.Entry<Long, Integer> run = runs.next();
            if (before != null && before.getValue().equals(run.getValue())) {
                runs.remove();
            } else {
                before = Map.entry(run.getKey(), run.getValue());
            }
        }
    }
}
