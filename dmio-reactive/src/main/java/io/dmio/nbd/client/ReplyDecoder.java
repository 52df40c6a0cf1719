package io.dmio.nbd.client;

import io.dmio.nbd.wire.LentRoom;
import io.dmio.nbd.wire.ReceiveBuffers;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Decodes answers as their bytes come, and distrusts them: magic, cookie, type, lengths and ranges have to fit what was asked, and a read
 * succeeds only once each of its bytes has come, exactly once. Data goes straight to where it is wanted.
 */
final class ReplyDecoder implements ReceiveBuffers.Reader {

    private static final int CONTENT_BYTES_MAX = 16 << 20; // of chunks that are not data: status of a million runs

    private final ReplyFormat replies;
    private final LongFunction<@Nullable ClientRequest> inFlight; // by cookie
    private final Ended ended;
    private final ByteBuf head = Unpooled.buffer(Wire.EXTENDED_CHUNK_BYTES + Long.BYTES);
    private @Nullable ClientRequest current;
    private boolean last; // chunk of the answer
    private int type;
    private long length; // of the chunk's content
    private @Nullable ByteBuf content; // collected, of a chunk that is not data
    private int dataAt;
    private int dataLeft;
    private boolean readMuch; // whether the last data that came was long
    private final LentRoom room = new LentRoom(); // for the rest of the data
    private State state = State.HEAD;

    private enum State {
        HEAD,
        OFFSET, // of data, which follows it
        DATA,
        CONTENT
    }

    /** Told when an answer is complete. */
    interface Ended {
        void ended(ClientRequest request);
    }

    ReplyDecoder(ReplyFormat replies, LongFunction<@Nullable ClientRequest> inFlight, Ended ended) {
        this.replies = replies;
        this.inFlight = inFlight;
        this.ended = ended;
    }

    @Override
    public @Nullable ByteBuf room() {
        ByteBuf into = state == State.DATA && readMuch ? request().memory() : null;
        return into == null ? null : room.lend(into, dataAt, dataLeft);
    }

    // A client that reads much goes on doing so: the next data comes after a head.
    @Override
    public int headBytes() {
        boolean between = state == State.HEAD && !head.isReadable();
        return between && readMuch ? replies.dataHeadBytes() : 0;
    }

    @Override
    public boolean wantsMore() {
        return true;
    }

    /** Decodes all bytes. */
    void decode(ByteBuf in) throws Nonsense {
        while (in.isReadable() || (state == State.CONTENT && length == 0)) {
            switch (state) {
                case HEAD -> head(in);
                case OFFSET -> offset(in);
                case DATA -> data(in);
                case CONTENT -> content(in);
            }
        }
    }

    /** Returns the request whose answer is being decoded; null between answers. */
    @Nullable
    ClientRequest current() {
        return current;
    }

    /** Releases everything: the connection is gone. */
    void release() {
        room.end();
        if (content != null) {
            content.release();
            content = null;
        }
    }

    private boolean collect(ByteBuf in, int wanted) {
        head.writeBytes(in, Math.min(wanted - head.readableBytes(), in.readableBytes()));
        return head.readableBytes() == wanted;
    }

    private void head(ByteBuf in) throws Nonsense {
        if (head.readableBytes() < Integer.BYTES && !collect(in, Integer.BYTES)) {
            return;
        }
        switch (head.getInt(0)) {
            case Wire.SIMPLE_REPLY_MAGIC -> {
                if (collect(in, Wire.SIMPLE_REPLY_BYTES)) {
                    simple();
                }
            }
            case Wire.STRUCTURED_REPLY_MAGIC -> {
                require(replies == ReplyFormat.STRUCTURED, "a structured chunk, which was not agreed");
                if (collect(in, Wire.STRUCTURED_CHUNK_BYTES)) {
                    chunk(false);
                }
            }
            case Wire.EXTENDED_REPLY_MAGIC -> {
                require(replies == ReplyFormat.EXTENDED, "an extended chunk, which was not agreed");
                if (collect(in, Wire.EXTENDED_CHUNK_BYTES)) {
                    chunk(true);
                }
            }
            default -> throw new Nonsense("no answer starts with 0x" + Integer.toHexString(head.getInt(0)));
        }
    }

    private void simple() throws Nonsense {
        int error = head.getInt(4);
        ClientRequest request = known(head.getLong(8));
        head.clear();
        current = request;
        require(replies != ReplyFormat.EXTENDED, "a simple answer, with extended headers");
        require(
                replies == ReplyFormat.SIMPLE || !request.isRead(),
                "a simple answer to a read, with structured replies");
        require(request.isFresh(), "a simple answer after a chunk");
        last = true;
        if (error != 0) {
            request.failed(error, "");
            end();
        } else if (request.isRead()) {
            receive(0, request.readBytes());
        } else {
            end();
        }
    }

    private void chunk(boolean extended) throws Nonsense {
        int flags = head.getUnsignedShort(4);
        type = head.getUnsignedShort(6);
        ClientRequest request = known(head.getLong(8));
        length = extended ? head.getLong(24) : head.getUnsignedInt(16);
        head.clear();
        current = request;
        last = (flags & Wire.CHUNK_DONE) != 0;
        if (type == Wire.CHUNK_OFFSET_DATA) {
            require(request.isRead() && length > Long.BYTES, "data of " + length + " bytes, to " + request);
            state = State.OFFSET;
        } else {
            require(length >= 0 && length <= CONTENT_BYTES_MAX, "a chunk of " + length + " bytes");
            content = Unpooled.buffer((int) Math.min(length, 1 << 16));
            state = State.CONTENT;
        }
    }

    private void offset(ByteBuf in) throws Nonsense {
        if (!collect(in, Long.BYTES)) {
            return;
        }
        long offset = head.getLong(0);
        head.clear();
        long bytes = length - Long.BYTES;
        receive(place(offset, bytes), (int) bytes);
    }

    private void receive(int at, int bytes) throws Nonsense {
        require(request().cover(at, bytes), "data twice at byte " + at);
        dataAt = at;
        dataLeft = bytes;
        readMuch = LentRoom.suits(bytes);
        state = State.DATA;
        if (bytes == 0) {
            chunkEnded();
        }
    }

    private void data(ByteBuf in) throws Nonsense {
        int now = Math.min(dataLeft, in.readableBytes());
        if (room.is(in)) {
            in.skipBytes(now);
        } else {
            request().receive(dataAt, in, now);
        }
        dataAt += now;
        dataLeft -= now;
        if (dataLeft == 0) {
            room.end();
            chunkEnded();
        }
    }

    private void content(ByteBuf in) throws Nonsense {
        ByteBuf into = content;
        if (into == null) {
            throw new IllegalStateException("no content is wanted");
        }
        int now = (int) Math.min(length, in.readableBytes());
        into.writeBytes(in, now);
        length -= now;
        if (length == 0) {
            try {
                whole(into);
            } finally {
                release();
            }
            chunkEnded();
        }
    }

    private void whole(ByteBuf chunk) throws Nonsense {
        ClientRequest request = request();
        int bytes = chunk.readableBytes();
        switch (type) {
            case Wire.CHUNK_NONE -> require(bytes == 0 && last, "an empty chunk that is not, or not the last");
            case Wire.CHUNK_OFFSET_HOLE -> {
                require(request.isRead() && bytes == Long.BYTES + Integer.BYTES, "a hole of a wrong length");
                long offset = chunk.readLong();
                long hole = chunk.readUnsignedInt();
                int at = place(offset, hole);
                require(request.cover(at, (int) hole), "a hole over data at byte " + at);
                request.zero(at, (int) hole);
            }
            case Wire.CHUNK_BLOCK_STATUS, Wire.CHUNK_BLOCK_STATUS_EXT ->
                require(request.status(chunk, type == Wire.CHUNK_BLOCK_STATUS_EXT), "a status that is none");
            default -> {
                require((type & Wire.CHUNK_ERROR_BIT) != 0, "a chunk of type " + type);
                require(bytes >= Integer.BYTES + Short.BYTES, "an error without a number");
                int error = chunk.readInt();
                int text = chunk.readUnsignedShort();
                require(error != 0 && text <= chunk.readableBytes(), "an error that is none");
                request.failed(error, Wire.readString(chunk, text));
            }
        }
    }

    /** Returns where bytes of a read belong in its memory. */
    private int place(long offset, long bytes) throws Nonsense {
        long at = offset - request().offset();
        require(
                at >= 0
                        && bytes > 0
                        && at <= request().readBytes()
                        && bytes <= request().readBytes() - at,
                "bytes [" + offset + ", " + (offset + bytes) + "), to " + request());
        return (int) at;
    }

    private void chunkEnded() throws Nonsense {
        state = State.HEAD;
        if (last) {
            end();
        }
        current = null;
    }

    private void end() throws Nonsense {
        ClientRequest request = request();
        require(request.isWhole(), "that it is done, with a part of " + request + " missing");
        current = null;
        state = State.HEAD;
        ended.ended(request);
    }

    private ClientRequest known(long cookie) throws Nonsense {
        ClientRequest request = inFlight.apply(cookie);
        if (request == null) {
            throw new Nonsense("an answer to cookie " + cookie + ", which nobody asked");
        }
        return request;
    }

    private ClientRequest request() {
        ClientRequest request = current;
        if (request == null) {
            throw new IllegalStateException("no answer is being taken");
        }
        return request;
    }

    private static void require(boolean holds, String what) throws Nonsense {
        if (!holds) {
            throw new Nonsense(what);
        }
    }
}
