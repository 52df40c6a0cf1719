package io.dmio.nbd.server;

import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.RequestHeader;
import io.dmio.nbd.wire.Wire;
import io.dmio.nbd.wire.WireError;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes the frames of answers, as {@link Wire} draws them; the data of reads follows as it is. */
public final class ReplyFrames {

    private final ReplyFormat replies;

    public ReplyFrames(ReplyFormat replies) {
        this.replies = replies;
    }

    /** Writes that a request is done, and that there is no data. */
    public void done(ByteBuf out, RequestHeader request) {
        if (replies.isChunked()) {
            chunk(out, request, Wire.CHUNK_DONE, Wire.CHUNK_NONE, 0);
        } else {
            simple(out, request, 0);
        }
    }

    /** Writes that a request failed; the text is sent if the form has room for it. */
    void error(ByteBuf out, RequestHeader request, WireError error, String why) {
        if (!replies.isChunked()) {
            simple(out, request, error.number());
            return;
        }
        byte[] text = why.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(text.length, Wire.STRING_BYTES_MAX);
        chunk(out, request, Wire.CHUNK_DONE, Wire.CHUNK_ERROR, Integer.BYTES + Short.BYTES + length);
        out.writeInt(error.number()).writeShort(length).writeBytes(text, 0, length);
    }

    /** Writes that data follows: all data of the request in the simple form, else a part of it. */
    void data(ByteBuf out, RequestHeader request, SparseRuns.Run run, boolean last) {
        if (!replies.isChunked()) {
            simple(out, request, 0);
            return;
        }
        chunk(out, request, last ? Wire.CHUNK_DONE : 0, Wire.CHUNK_OFFSET_DATA, Long.BYTES + run.bytes());
        out.writeLong(request.offset() + run.start());
    }

    /** Writes that a range is zeroes, which are not sent; in chunks only. */
    void hole(ByteBuf out, RequestHeader request, SparseRuns.Run run, boolean last) {
        chunk(out, request, last ? Wire.CHUNK_DONE : 0, Wire.CHUNK_OFFSET_HOLE, Long.BYTES + Integer.BYTES);
        out.writeLong(request.offset() + run.start()).writeInt(run.bytes());
    }

    /** Writes the status of a range in one context. */
    void status(ByteBuf out, RequestHeader request, int context, List<StatusRuns.Run> runs, boolean last) {
        boolean wide = replies == ReplyFormat.EXTENDED;
        int type = wide ? Wire.CHUNK_BLOCK_STATUS_EXT : Wire.CHUNK_BLOCK_STATUS;
        long length = wide
                ? 2L * Integer.BYTES + runs.size() * 2L * Long.BYTES
                : Integer.BYTES + runs.size() * 2L * Integer.BYTES;
        chunk(out, request, last ? Wire.CHUNK_DONE : 0, type, length);
        out.writeInt(context);
        if (wide) {
            out.writeInt(runs.size());
        }
        for (StatusRuns.Run run : runs) {
            if (wide) {
                out.writeLong(run.bytes()).writeLong(Integer.toUnsignedLong(run.status()));
            } else {
                out.writeInt((int) run.bytes()).writeInt(run.status());
            }
        }
    }

    private void chunk(ByteBuf out, RequestHeader request, int flags, int type, long length) {
        if (replies == ReplyFormat.EXTENDED) {
            out.writeInt(Wire.EXTENDED_REPLY_MAGIC).writeShort(flags).writeShort(type);
            out.writeLong(request.cookie()).writeLong(request.offset()).writeLong(length);
        } else {
            out.writeInt(Wire.STRUCTURED_REPLY_MAGIC).writeShort(flags).writeShort(type);
            out.writeLong(request.cookie()).writeInt((int) length);
        }
    }

    private static void simple(ByteBuf out, RequestHeader request, int error) {
        out.writeInt(Wire.SIMPLE_REPLY_MAGIC).writeInt(error).writeLong(request.cookie());
    }
}
