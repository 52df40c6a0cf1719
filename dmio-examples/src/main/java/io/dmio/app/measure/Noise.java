package io.dmio.app.measure;

import io.dmio.VmBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The memory of a load: page-aligned, and random where it is written from, as disks that compress or deduplicate are quick with anything
 * else. Each lane has two buffers to write from in turn, so that no two successive writes carry the same bytes.
 */
public final class Noise implements AutoCloseable {

    private static final int BUFFERS_PER_LANE = 2;

    private final List<VmBuffer> writes = new ArrayList<>();
    private final List<VmBuffer> reads = new ArrayList<>();

    /** Allocates and fills the buffers; the caller closes this. */
    Noise(Variant variant) {
        SplittableRandom random = new SplittableRandom();
        boolean complete = false;
        try {
            for (int i = 0; variant.work().writes() && i < BUFFERS_PER_LANE * variant.depth(); i++) {
                VmBuffer buffer = VmBuffer.allocate(variant.blockBytes());
                writes.add(buffer);
                fill(buffer, random);
            }
            for (int i = 0; variant.work().reads() && i < variant.depth(); i++) {
                reads.add(VmBuffer.allocate(variant.blockBytes()));
            }
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
    }

    /** Returns what a lane writes next. */
    VmBuffer toWrite(int lane, long turn) {
        return writes.get(BUFFERS_PER_LANE * lane + (int) (turn % BUFFERS_PER_LANE));
    }

    /** Returns what a lane reads into. */
    VmBuffer toRead(int lane) {
        return reads.get(lane);
    }

    /**
     * Overwrites a buffer with random bytes.
     *
     * @param buffer the buffer, all of which is overwritten
     * @param random the source of the bytes
     */
    public static void fill(VmBuffer buffer, SplittableRandom random) {
        byte[] bytes = new byte[(int) buffer.bytes()];
        random.nextBytes(bytes);
        buffer.buffer().setBytes(0, bytes);
    }

    @Override
    public void close() {
        writes.forEach(VmBuffer::release);
        reads.forEach(VmBuffer::release);
    }
}
