package io.dmio.nbd.server;

import io.dmio.memory.Bytes;
import io.dmio.nbd.wire.LentRoom;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/** A payload, or a piece of one, that is coming into its memory: received where it belongs, or copied there. One thread. */
final class Payload {

    private @Nullable ByteBuf memory; // while it comes
    private int bytes;
    private int come;
    private final LentRoom room = new LentRoom(); // the rest of it

    /** Begins a payload of so many bytes, and takes over the memory for it. */
    void begin(ByteBuf into, int count) {
        memory = into;
        bytes = count;
        come = 0;
    }

    int bytes() {
        return bytes;
    }

    /** Returns how many bytes have come. */
    int come() {
        return come;
    }

    boolean isWhole() {
        return come == bytes;
    }

    /** Returns the memory to be filled, if that is worth it: an empty buffer, owned by the caller. */
    @Nullable
    ByteBuf room() {
        ByteBuf into = memory;
        return into == null || !LentRoom.suits(bytes) ? null : room.lend(into, come, bytes - come);
    }

    /**
     * Takes the bytes that belong to the payload out of what came.
     *
     * @return how many bytes
     */
    int fill(ByteBuf in) {
        ByteBuf into = memory;
        if (into == null) {
            throw new IllegalStateException("no payload is wanted");
        }
        int now = Math.min(bytes - come, in.readableBytes());
        if (!room.is(in)) {
            Bytes.copy(in, in.readerIndex(), into, come, now);
        }
        in.skipBytes(now);
        come += now;
        return now;
    }

    /** Ends the payload after so many of the bytes that have come; those that came after them are the caller's. */
    ByteBuf cut(int count) {
        ByteBuf from = memory;
        int rest = come - count;
        ByteBuf behind = Unpooled.buffer(rest).writerIndex(rest);
        if (from != null && rest > 0) {
            Bytes.copy(from, count, behind, 0, rest);
        }
        bytes = count;
        come = count;
        return behind;
    }

    /** Ends the payload; its memory, if it has any, is the caller's. */
    @Nullable
    ByteBuf end() {
        ByteBuf all = memory;
        memory = null;
        room.end();
        return all;
    }
}
