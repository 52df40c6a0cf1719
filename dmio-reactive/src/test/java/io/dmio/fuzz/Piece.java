package io.dmio.fuzz;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A drawn buffer, and where each of its bytes really is.
 *
 * @param buffer used from 0 to its capacity
 * @param parts its bytes in their order
 * @param others buffers that hold references too, to be released besides
 */
record Piece(ByteBuf buffer, List<Part> parts, List<ByteBuf> others) {

    /** A run of bytes of one backing. */
    record Part(Backing backing, int from, int length) {}

    static Piece of(ByteBuf buffer, Backing backing, int from) {
        return new Piece(buffer, List.of(new Part(backing, from, buffer.capacity())), List.of());
    }

    /** The same bytes by another buffer, whose reference is this one's. */
    Piece by(ByteBuf other) {
        return new Piece(other, parts, others);
    }

    /** Some of the bytes by another buffer, whose reference is this one's. */
    Piece by(ByteBuf other, int from, int length) {
        return new Piece(other, cut(parts, from, length), others);
    }

    /** Some of the bytes by another buffer that holds a reference of its own; this one's is given up now or later. */
    Piece besides(ByteBuf other, int from, int length, boolean now) {
        List<ByteBuf> more = new ArrayList<>(others);
        if (now) {
            buffer.release();
        } else {
            more.add(buffer);
        }
        return new Piece(other, cut(parts, from, length), more);
    }

    /** A range of bytes. */
    static List<Part> cut(List<Part> parts, int from, int length) {
        List<Part> found = new ArrayList<>(parts.size());
        int at = 0;
        for (Part part : parts) {
            int first = Math.max(from, at);
            int end = Math.min(from + length, at + part.length);
            if (first < end) {
                found.add(new Part(part.backing, part.from + first - at, end - first));
            }
            at += part.length;
        }
        return found;
    }

    /** Netty has its bytes where they are thought to be. */
    Piece checked() {
        byte[] has = new byte[buffer.capacity()];
        byte[] should = new byte[has.length];
        buffer.getBytes(0, has);
        int at = 0;
        for (Part part : parts) {
            part.backing.expected(part.from, should, at, part.length);
            at += part.length;
        }
        if (at != has.length || !Arrays.equals(has, should)) {
            throw new IllegalStateException(
                    "from byte " + Arrays.mismatch(has, should) + " on, of " + at + ", another " + buffer);
        }
        return this;
    }

    void release() {
        buffer.release();
        others.forEach(ByteBuf::release);
    }
}
