package io.dmio.copy;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** A set of sectors as ascending ranges, joined where they touch: a dead disk is one range. Guarded by its owner. */
final class SectorRanges {

    private final TreeMap<Long, Long> endByStart = new TreeMap<>();

    void add(long start, long end) {
        long from = start;
        long to = end;
        for (Map.Entry<Long, Long> near = endByStart.floorEntry(to);
                near != null && near.getValue() >= from;
                near = endByStart.floorEntry(to)) {
            from = Math.min(from, near.getKey());
            to = Math.max(to, near.getValue());
            endByStart.remove(near.getKey());
        }
        endByStart.put(from, to);
    }

    void forEach(BiConsumer<Long, Long> startAndEnd) {
        endByStart.forEach(startAndEnd);
    }
}
