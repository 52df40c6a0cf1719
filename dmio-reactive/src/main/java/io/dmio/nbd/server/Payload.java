package io.dmio.nbd.server;

import io.dmio.memory.Bytes;
import io.dmio.nbd.wire.LentRoom;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/** A payload, or a piece of one, on its way to its memory: received where it belongs, or copied there. One thread. */
final class Payload {

    private @Nullable ByteBuf memory; // while it comes
    private int bytes;
    private int come;
    private final LentRoom room = new LentRoom(); // the rest of it

    /** From now on so many bytes come, to memory that is the payload's. */
    void begin(ByteBuf into, int count) {
        memory = into;
        bytes = count;
        come = 0;
    }

    int bytes() {
        return bytes;
    }

    /** How many have come. */
    int come() {
        return come;
    }

    boolean isWhole() {
        return come == bytes;
    }

    /** The memory that is to be filled, if that is worth it: empty, and the caller's. */
    @Nullable
    ByteBuf room() {
        ByteBuf into = memory;
        return into == null || !LentRoom.suits(bytes) ? null : room.lend(into, come, bytes - come);
    }

    /**
     * Takes what belongs to it out of what came.
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

    /** Ends it after so many bytes that have come; what came behind them is the caller's. */
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

    /** It is over; its memory, if it has come to some, is the caller's. */
    @Nullable
    ByteBuf end() {
        ByteBuf all = memory;
        memory = null;
        room.end();
        return all;
    }
}
