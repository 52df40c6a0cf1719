package io.dmio.nbd.wire;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The header of a request, as {@link Wire} draws it.
 *
 * @param flags of the command
 * @param code of the command, known or not
 * @param cookie echoed in the answer
 * @param offset bytes
 * @param length bytes: of the payload of a write, of what is asked for else
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

    /** The same of so many bytes. */
    public RequestHeader withLength(long bytes) {
        return new RequestHeader(flags, code, cookie, offset, bytes);
    }

    /** A part of it: so many bytes from so many on. */
    public RequestHeader part(long from, long bytes) {
        return new RequestHeader(flags, code, cookie, offset + from, bytes);
    }

    /** Bytes that follow the header: of a write, and, with extended headers, of whatever says it has some. */
    public long payload(boolean extended) {
        return code == Command.WRITE.code() || (extended && has(Wire.CMD_PAYLOAD_LEN)) ? length : 0;
    }

    /** Whether the range is inside so many bytes; also of numbers that no device has. */
    public boolean isInside(long bytes) {
        return offset >= 0 && length >= 0 && offset <= bytes && length <= bytes - offset;
    }
}
