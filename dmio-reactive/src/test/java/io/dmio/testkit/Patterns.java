package io.dmio.testkit;

import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.SplittableRandom;

/**
 * Bytes that say where they belong: each sector starts with its number and the seed, and the rest is random by both. A check
 * that fails names what it found instead, so a misdirected or stale write shows itself.
 *
 * <p>{@code sector:8 | seed:8 | 496 random bytes}
 */
public final class Patterns {

    private static final int STAMP_BYTES = 16;

    private Patterns() {}

    /**
     * Returns the pattern of some sectors.
     *
     * @param sector the first sector
     * @param count how many
     * @param seed tells one version of a sector from another
     * @return {@code 512 × count} bytes
     */
    public static byte[] bytes(long sector, int count, long seed) {
        byte[] bytes = new byte[count * Sectors.BYTES];
        fill(Unpooled.wrappedBuffer(bytes), sector, seed);
        return bytes;
    }

    /**
     * Fills memory with the pattern.
     *
     * @param memory whole sectors, filled from 0 to its capacity whatever its indexes say
     * @param sector the first one's number
     * @param seed tells one version of a sector from another
     */
    public static void fill(ByteBuf memory, long sector, long seed) {
        for (int at = 0; at < memory.capacity(); at += Sectors.BYTES) {
            long number = sector + at / Sectors.BYTES;
            memory.setLong(at, number);
            memory.setLong(at + 8, seed);
            SplittableRandom random = new SplittableRandom(number * 31 + seed);
            for (int word = STAMP_BYTES; word < Sectors.BYTES; word += Long.BYTES) {
                memory.setLong(at + word, random.nextLong());
            }
        }
    }

    /**
     * Compares memory with the pattern.
     *
     * @param memory whole sectors, compared from 0 to its capacity whatever its indexes say
     * @param sector the first one's number
     * @param seed the seed with which the memory was filled
     * @throws AssertionError with the first byte that is wrong, and what the sector says that it is
     */
    public static void check(ByteBuf memory, long sector, long seed) {
        byte[] expected = bytes(sector, memory.capacity() / Sectors.BYTES, seed);
        byte[] found = new byte[expected.length];
        memory.getBytes(0, found);
        for (int at = 0; at < expected.length; at++) {
            if (found[at] != expected[at]) {
                int start = at / Sectors.BYTES * Sectors.BYTES;
                throw new AssertionError("byte " + at % Sectors.BYTES + " of sector " + (sector + at / Sectors.BYTES)
                        + " (seed " + seed + ") is wrong; the sector there says it is sector " + memory.getLong(start)
                        + " of seed " + memory.getLong(start + 8));
            }
        }
    }
}
