package io.dmio.fuzz;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * Memory of its own that drawn buffers lie in: how its references are counted, what each of its bytes should be. It is looked at
 * past all views. It keeps a reference itself, so that it can be looked at when everybody else has released theirs.
 */
final class Backing {

    private static final byte[] FOUND = new byte[1 << 16]; // everything happens on one thread

    private final ByteBuf counted;
    private final ByteBuf all;
    private final byte[] expected;
    private int references;

    /**
     * Fills it.
     *
     * @param counted whose reference count tells whether it is alive
     * @param all its bytes
     * @param content what they become
     */
    Backing(ByteBuf counted, ByteBuf all, byte[] content) {
        this.counted = counted.retain();
        this.all = all;
        this.expected = content;
        all.setBytes(0, content);
    }

    /** What its bytes should be. */
    void expected(int from, byte[] into, int at, int length) {
        System.arraycopy(expected, from, into, at, length);
    }

    /** What its bytes are. */
    void actual(int from, byte[] into, int at, int length) {
        all.getBytes(from, into, at, length);
    }

    /** Some bytes were changed as they should. */
    void expect(int from, byte[] bytes, int at, int length) {
        System.arraycopy(bytes, at, expected, from, length);
    }

    /** From now on nobody's references but the present ones are to be left at a {@link #check}. */
    void counts() {
        references = counted.refCnt();
    }

    void check() {
        if (counted.refCnt() != references) {
            throw new AssertionError(counted.refCnt() + " references of " + counted + ", not " + references);
        }
        checkBytes();
    }

    void checkBytes() {
        all.getBytes(0, FOUND, 0, expected.length);
        int wrong = Arrays.mismatch(FOUND, 0, expected.length, expected, 0, expected.length);
        if (wrong >= 0) {
            throw new AssertionError("byte " + wrong + " of " + counted + " was changed");
        }
    }

    /** Everybody has released it. */
    void end() {
        if (counted.refCnt() != 1) {
            throw new AssertionError(counted.refCnt() - 1 + " references are left of " + counted);
        }
        counted.release();
    }
}
