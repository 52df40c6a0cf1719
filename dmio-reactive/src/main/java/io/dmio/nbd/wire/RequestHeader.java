package io.dmio.nbd.wire;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The header of a request, as {@link Wire} draws it.
 *
 * @param flags the command's flags
 * @param code the command's code, known or not
 * @param cookie echoed in the answer
 * @param offset in bytes
 * @param length in bytes: of the payload of a write, otherwise of what is asked for
 */
public record RequestHeader(int flags, int code, long cookie, long offset, long length) {

    public static int bytes(boolean extended) {
        return extended ? Wire.EXTENDED_REQUEST_BYTES : Wire.REQUEST_BYTES;
    }

    /** Reads a header; null if it does not start with the magic number. */
    public static @Nullable RequestHeader decode(ByteBuf in, boolean extended) {
        int magic = in.readInt();
        if (magic != (extended ? Wire.EXTENDED_REQUEST_MAGIC : Wire.REQUEST_MAGIC)) {
            return null;
        }
        return new RequestHeader(
                in.readUnsignedShort(),
                in.readUnsignedShort(),
                in.readLong(),
                in.readLong(),
                extended ? in.readLong() : in.readUnsignedInt());
    }

    public void encode(ByteBuf out, boolean extended) {
        out.writeInt(extended ? Wire.EXTENDED_REQUEST_MAGIC : Wire.REQUEST_MAGIC);
        out.writeShort(flags).writeShort(code).writeLong(cookie).writeLong(offset);
        if (extended) {
            out.writeLong(length);
        } else if (length == Integer.toUnsignedLong((int) length)) {
            out.writeInt((int) length);
        } else {
            throw new IllegalArgumentException(this + ": longer than a compact header can say");
        }
    }

    @Nullable
    public Command command() {
        return Command.of(code);
    }

    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Returns this header with another length. */
    public RequestHeader withLength(long bytes) {
        return new RequestHeader(flags, code, cookie, offset, bytes);
    }

    /** Returns a part of this request: some bytes, from an offset inside it on. */
    public RequestHeader part(long from, long bytes) {
        return new RequestHeader(flags, code, cookie, offset + from, bytes);
    }

    /** Returns the number of bytes that follow the header: of a write, and, with extended headers, of any request that says it has some. */
    public long payload(boolean extended) {
        return code == Command.WRITE.code() || (extended && has(Wire.CMD_PAYLOAD_LEN)) ? length : 0;
    }

    /** Returns whether the range is inside so many bytes; right even for numbers that no device has. */
    public boolean isInside(long bytes) {
        return offset >= 0 && length >= 0 && offset <= bytes && length <= bytes - offset;
    }
}
