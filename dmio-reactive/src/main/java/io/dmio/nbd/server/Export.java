package io.dmio.nbd.server;

import io.dmio.BlockDevice;
import io.dmio.Capability;
import io.dmio.DeviceInfo;
import io.dmio.Sectors;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A device that a server serves under a name. Immutable; made from what a user wants, which is checked there.
 *
 * @param name what clients ask for
 * @param device the device that is served
 * @param description for people; may be empty
 * @param limits what is refused although the device could do it
 * @param contexts the metadata contexts
 * @param tail bytes after the device's last block, where the export has less than a block more; for reading only
 * @param meter told of the export's clients, and of what they ask for
 */
public record Export(
        String name,
        BlockDevice device,
        String description,
        Set<Limit> limits,
        List<Context> contexts,
        ByteBuf tail,
        RequestMeter meter) {

    /** The name of the export that a client gets if it asks for none. */
    public static final String DEFAULT_NAME = "";

    private static final int PREFERRED_BYTES_MIN = Sectors.PAGE_BYTES;

    /** A metadata context. */
    public record Context(String name, RangeStatus status) {}

    /** What is refused although the device could do it. */
    public enum Limit {
        READ_ONLY,
        WHOLE_BLOCKS
    }

    /** Creates an export without a tail or a meter. */
    public Export(String name, BlockDevice device, String description, Set<Limit> limits, List<Context> contexts) {
        this(name, device, description, limits, contexts, Unpooled.EMPTY_BUFFER, RequestMeter.NONE);
    }

    public Export withDescription(String text) {
        return new Export(name, device, text, limits, contexts, tail, meter);
    }

    public Export with(Limit limit) {
        EnumSet<Limit> more = EnumSet.of(limit);
        more.addAll(limits);
        return new Export(name, device, description, more, contexts, tail, meter);
    }

    /** Returns this export, longer by these bytes, and for reading only. */
    public Export withTail(byte[] bytes) {
        return new Export(name, device, description, limits, contexts, Unpooled.wrappedBuffer(bytes.clone()), meter)
                .with(Limit.READ_ONLY);
    }

    public Export with(Context context) {
        List<Context> more = new ArrayList<>(contexts);
        more.add(context);
        return new Export(name, device, description, limits, List.copyOf(more), tail, meter);
    }

    public Export with(RequestMeter other) {
        return new Export(name, device, description, limits, contexts, tail, other);
    }

    /** Returns whether changes are refused. */
    public boolean isReadOnly() {
        return limits.contains(Limit.READ_ONLY);
    }

    boolean isWholeBlocksOnly() {
        return limits.contains(Limit.WHOLE_BLOCKS);
    }

    long bytes() {
        return device.info().bytes() + tail.capacity();
    }

    /** Returns the length of the smallest requests that reach all of the export. */
    int blockBytesMin() {
        return tail.capacity() == 0 ? device.info().logicalBlockBytes() : 1;
    }

    int preferredBytes() {
        return Math.max(PREFERRED_BYTES_MIN, device.info().physicalBlockBytes());
    }

    /** Returns what the export can do, in the protocol's bits. */
    public int transmissionFlags(ReplyFormat replies) {
        DeviceInfo info = device.info();
        boolean readOnly = isReadOnly();
        int flags = Wire.HAS_FLAGS | Wire.SEND_CACHE;
        if (info.can(Capability.FLUSH) || readOnly) {
            flags |= Wire.CAN_MULTI_CONN; // a device has one cache, whoever writes
        }
        if (info.can(Capability.FLUSH)) {
            flags |= Wire.SEND_FLUSH | Wire.SEND_FUA;
        }
        flags |= readOnly ? Wire.READ_ONLY : Wire.SEND_WRITE_ZEROES | Wire.SEND_FAST_ZERO;
        flags |= !readOnly && info.can(Capability.DISCARD) ? Wire.SEND_TRIM : 0;
        flags |= replies.isChunked() ? Wire.SEND_DF : 0;
        return replies == ReplyFormat.EXTENDED ? flags | Wire.BLOCK_STATUS_PAYLOAD : flags;
    }

    @Override
    public String toString() {
        return "'" + name + "', " + device.info().name() + (isReadOnly() ? ", read-only" : "");
    }
}
