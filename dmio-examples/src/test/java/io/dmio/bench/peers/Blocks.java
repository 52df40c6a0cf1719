package io.dmio.bench.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The memory of a run: page-aligned direct buffers of random bytes, two for each request, and the proof that they got to the
 * files. Each run has a seed of its own and each block begins with its number, so a block found on a leg tells that this run
 * wrote it.
 */
record Blocks(List<ByteBuffer> buffers) {

    private static final int PAGE_BYTES = 4096;

    static Blocks of(Workload work, long seed) {
        Random random = new Random(seed);
        return new Blocks(IntStream.range(0, 2 * work.depth())
                .mapToObj(number -> block(number, work.blockBytes(), random))
                .toList());
    }

    private static ByteBuffer block(int number, int bytes, Random random) {
        byte[] noise = new byte[bytes];
        random.nextBytes(noise);
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes + PAGE_BYTES).alignedSlice(PAGE_BYTES);
        ByteBuffer block = buffer.slice(0, bytes);
        block.put(0, noise).putInt(0, number);
        return block;
    }

    /**
     * Throws unless a leg holds one of these blocks there.
     *
     * @param leg opened here anew, through the page cache
     * @param place in bytes
     */
    void proveWritten(Path leg, long place) throws IOException {
        ByteBuffer found = read(leg, place);
        int number = found.getInt(0);
        if (number < 0
                || number >= buffers.size()
                || !found.equals(buffers.get(number).duplicate().clear())) {
            throw new IllegalStateException(leg + " does not hold at " + place + " what was written there");
        }
    }

    /** Throws unless the block holds what the leg holds there. */
    void proveRead(Path leg, long place, int block) throws IOException {
        if (!read(leg, place).equals(buffers.get(block).duplicate().clear())) {
            throw new IllegalStateException(leg + " holds at " + place + " something else than was read");
        }
    }

    private ByteBuffer read(Path leg, long place) throws IOException {
        ByteBuffer found = ByteBuffer.allocate(buffers.get(0).capacity());
        try (FileChannel channel = FileChannel.open(leg, StandardOpenOption.READ)) {
            while (found.hasRemaining() && channel.read(found, place + found.position()) >= 0) {
                // a short read goes on
            }
        }
        return found.flip();
    }
}
