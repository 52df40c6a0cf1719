package io.dmio.nbd.client;

import java.util.Map;
import java.util.TreeMap;

/** The bytes of a read that have come, each of them once. */
final class ReceivedRanges {

    private final TreeMap<Integer, Integer> runs = new TreeMap<>(); // start to end; they do not touch

    /** Adds bytes; returns false, and adds nothing, if some of them were there already. */
    boolean add(int start, int bytes) {
        int end = start + bytes;
        Map.Entry<Integer, Integer> before = runs.floorEntry(start);
        Map.Entry<Integer, Integer> after = runs.ceilingEntry(start);
        if ((before != null && before.getValue() > start) || (after != null && after.getKey() < end)) {
            return false;
        }
        boolean joinsAfter = after != null && after.getKey() == end;
        int newEnd = joinsAfter ? after.getValue() : end;
        if (joinsAfter) {
            runs.remove(end);
        }
        boolean joinsBefore = before != null && before.getValue() == start;
        runs.put(joinsBefore ? before.getKey() : start, newEnd);
        return true;
    }

    /** Returns whether so many bytes, from 0 on, are all there. */
    boolean isWhole(int bytes) {
        return bytes == 0 || (runs.size() == 1 && runs.equals(Map.of(0, bytes)));
    }
}
