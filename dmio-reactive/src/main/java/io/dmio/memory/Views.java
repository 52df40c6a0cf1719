package io.dmio.memory;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Makes views of buffers; no other class does. A view keeps the memory alive, is addressed from 0 to its capacity, and keeps the parts of a
 * composite visible, so that an engine can pass each to the kernel. No code moves the indexes of a buffer that it does not own, nor takes a
 * {@code duplicate()}: for a slice of a pooled slice, Netty makes a duplicate of the <i>root</i>, with other indexes.
 */
public final class Views {

    private static final ByteBuffer[] NONE = {};

    private Views() {}

    /**
     * Returns a view of a part of a buffer.
     *
     * @param buffer of any kind; the caller keeps owning it
     * @param from the first byte, whatever the buffer's indexes say
     * @param bytes how many, at least 1
     * @return a buffer of exactly that capacity over the same memory, the given one itself if that is all of it; nobody may use its indexes.
     *     The caller releases it
     * @throws IndexOutOfBoundsException if the range is not inside the buffer
     * @throws io.netty.util.IllegalReferenceCountException if the buffer was released
     */
    public static ByteBuf retainedSlice(ByteBuf buffer, int from, int bytes) {
        if (from == 0 && bytes == buffer.capacity()) {
            return buffer.retain();
        }
        if (!(buffer instanceof CompositeByteBuf parts)) {
            return buffer.retainedSlice(from, bytes);
        }
        // A slice of a composite would hide its parts and be copied, so it is taken apart.
        List<ByteBuf> slices = parts.decompose(from, bytes);
        Joined joined = new Joined(slices.size());
        for (ByteBuf slice : slices) {
            joined.add(slice, 0, slice.capacity());
        }
        return joined.view();
    }

    /**
     * Returns whether any byte of a buffer must not be changed. A composite claims that it may be changed, whatever its parts are, and so do
     * slices and duplicates of it.
     *
     * @param buffer of any kind
     * @return true if a read into it would change memory that somebody made read-only; false for one that was released
     */
    public static boolean isReadOnly(ByteBuf buffer) {
        if (buffer.isReadOnly()) {
            return true;
        }
        if (buffer.refCnt() == 0) { // it is no longer known what it was
            return false;
        }
        if (buffer instanceof CompositeByteBuf parts) {
            for (int part = 0; part < parts.numComponents(); part++) {
                if (isReadOnly(parts.internalComponent(part))) {
                    return true;
                }
            }
            return false;
        }
        return isOverComposite(buffer) && isAnyReadOnly(buffer.nioBuffers(0, buffer.capacity()));
    }

    /**
     * Releases each of the buffers once, however often it is among them.
     *
     * @param buffers by identity, as buffers of equal content are equal
     */
    public static void releaseDistinct(Stream<ByteBuf> buffers) {
        Set<ByteBuf> distinct = Collections.newSetFromMap(new IdentityHashMap<>());
        buffers.forEach(distinct::add);
        distinct.forEach(ByteBuf::release);
    }

    private static boolean isOverComposite(ByteBuf buffer) {
        ByteBuf under = buffer.unwrap();
        while (under != null && !(under instanceof CompositeByteBuf)) {
            under = under.unwrap();
        }
        return under != null;
    }

    // Of a slice only what lies in it counts, which its views know.
    private static boolean isAnyReadOnly(ByteBuffer[] views) {
        for (ByteBuffer view : views) {
            if (view.isReadOnly()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns a part of a buffer as memory of the JDK: from position 0 to limit and capacity, which Netty does not promise. For memory that
     * the JDK made read-only, Netty without Unsafe gives all of it, and the position says where the part begins.
     *
     * @param buffer contiguous memory, else the view is a copy; the caller keeps owning it
     * @param from the first byte, whatever the buffer's indexes say
     * @param bytes how many
     * @return a view that nobody else uses, valid as long as the buffer is
     * @throws IndexOutOfBoundsException if the range is not inside the buffer
     */
    public static ByteBuffer nio(ByteBuf buffer, int from, int bytes) {
        return buffer.nioBuffer(from, bytes).slice();
    }

    /**
     * Returns a part of a buffer as memory of the JDK, each contiguous piece of it from its position to its limit.
     *
     * @param buffer of any kind; the caller keeps owning it
     * @param from the first byte, whatever the buffer's indexes say
     * @param bytes how many
     * @return views that nobody else uses, together exactly the range; valid as long as the buffer is
     * @throws IndexOutOfBoundsException if the range is not inside the buffer
     */
    public static ByteBuffer[] parts(ByteBuf buffer, int from, int bytes) {
        if (bytes == 0) {
            return NONE;
        }
        return buffer.nioBufferCount() == 1
                ? new ByteBuffer[] {buffer.nioBuffer(from, bytes)}
                : buffer.nioBuffers(from, bytes); // nioBuffer would be a copy here
    }

    /**
     * Returns a part of a buffer for a channel to send.
     *
     * @param buffer of any kind; the caller keeps owning it
     * @param from the first byte, whatever the buffer's indexes say
     * @param bytes how many
     * @return a buffer that is all readable, with indexes of its own; the caller releases it
     */
    public static ByteBuf toSend(ByteBuf buffer, int from, int bytes) {
        return buffer.retainedSlice(from, bytes).setIndex(0, bytes);
    }

    /**
     * Returns a part of a buffer for a channel to receive into. It is a root of its own, as a channel reads through the NIO view of the root,
     * and others may receive into other parts of the same memory at the same time.
     *
     * @param buffer of any kind; the caller keeps owning it
     * @param from the first byte, whatever the buffer's indexes say
     * @param bytes how many
     * @return an empty buffer, as long as the direct memory that begins at {@code from} and has no gap, and at most as {@code bytes}; the
     *     caller releases it. Nothing if the memory there is not direct, or is read-only
     */
    public static Optional<ByteBuf> toReceive(ByteBuf buffer, int from, int bytes) {
        if (buffer instanceof CompositeByteBuf parts) {
            int part = parts.toComponentIndex(from);
            int skip = from - parts.toByteIndex(part);
            ByteBuf whole = parts.internalComponent(part);
            return toReceive(whole, skip, Math.min(bytes, whole.capacity() - skip));
        }
        if (!buffer.isDirect() || isReadOnly(buffer) || buffer.nioBufferCount() != 1) {
            return Optional.empty();
        }
        ByteBuffer memory = nio(buffer, from, bytes);
        buffer.retain();
        return Optional.of(Overlay.over(memory, buffer::release));
    }

    /**
     * Parts that become one buffer, as {@code struct bio_vec}s become a bio. Owns what was added until {@link #view}, and releases it if that
     * is not reached: so a part that cannot be retained, as somebody released it, does not leak the others.
     */
    public static final class Joined {

        private final ByteBuf[] parts;
        private int count;

        public Joined(int parts) {
            this.parts = new ByteBuf[parts];
        }

        /** Takes over a reference. */
        public void add(ByteBuf part) {
            parts[count++] = part;
        }

        /** Takes a view of a part of a buffer; if that fails, releases what was added before. */
        public void add(ByteBuf buffer, int from, int bytes) {
            try {
                add(retainedSlice(buffer, from, bytes));
            } catch (RuntimeException | Error thrown) {
                release();
                throw thrown;
            }
        }

        /** Returns one buffer over all parts, each used from 0 to its capacity. */
        public ByteBuf view() {
            if (count == 1) {
                return parts[0];
            }
            // A composite takes readable bytes, of which a fresh page has none; all bytes of a slice are readable,
            // whatever the part says.
            for (int i = 0; i < count; i++) {
                parts[i] = parts[i].slice(0, parts[i].capacity());
            }
            return new CompositeByteBuf(UnpooledByteBufAllocator.DEFAULT, true, count, parts);
        }

        private void release() {
            while (count > 0) {
                parts[--count].release();
            }
        }
    }
}
