package io.dmio.mirror;

import java.util.stream.IntStream;

/**
 * A range that is written on some legs, which durably lack its chunks meanwhile ({@link Repairs}).
 *
 * @param first the first chunk
 * @param last the last chunk
 * @param legs bit i: leg i is written
 */
record RepairRange(int first, int last, int legs) {

    /** Returns the range of chunks of some sectors. */
    static RepairRange of(ChunkTable chunks, SectorRange range, int legs) {
        return new RepairRange(chunks.chunkOf(range.sector()), chunks.lastChunkOf(range.sector(), range.count()), legs);
    }

    IntStream chunks() {
        return IntStream.rangeClosed(first, last);
    }
}
