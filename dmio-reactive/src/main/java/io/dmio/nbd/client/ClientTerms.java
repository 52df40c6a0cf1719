package io.dmio.nbd.client;

import io.dmio.Capability;
import io.dmio.DeviceInfo;
import io.dmio.Sectors;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.Wire;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a client's handshake has agreed on.
 *
 * @param bytes the export's size
 * @param flags what the export can do
 * @param blockBytesMin the smallest request that the export prefers
 * @param payloadBytesMax the longest read or write that it takes
 * @param replies how the server answers
 * @param allocation the id of {@code base:allocation}, or -1
 * @param instance identifies the server from its start to its end; null for a server that does not know sessions
 */
public record ClientTerms(
        long bytes,
        int flags,
        int blockBytesMin,
        long payloadBytesMax,
        ReplyFormat replies,
        int allocation,
        @Nullable UUID instance) {

    private static final int TRANSFER_BYTES_MAX = 1 << 20; // longer ones are not faster, and hold more memory

    private static final int PROMISED = Wire.SEND_FLUSH | Wire.SEND_FUA | Wire.SEND_TRIM | Wire.SEND_WRITE_ZEROES;

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Returns whether a flush on one connection covers the others. */
    boolean isForMany() {
        return has(Wire.CAN_MULTI_CONN) || has(Wire.READ_ONLY);
    }

    public DeviceInfo info(String name) {
        int block = Math.max(blockBytesMin, Sectors.BYTES);
        int transfer = (int) Math.min(payloadBytesMax, TRANSFER_BYTES_MAX) / block * block;
        Set<Capability> capabilities = EnumSet.noneOf(Capability.class);
        add(capabilities, Capability.READ_ONLY, Wire.READ_ONLY);
        add(capabilities, Capability.FLUSH, Wire.SEND_FLUSH);
        add(capabilities, Capability.FUA, Wire.SEND_FUA);
        add(capabilities, Capability.DISCARD, Wire.SEND_TRIM);
        add(capabilities, Capability.WRITE_ZEROES, Wire.SEND_WRITE_ZEROES);
        long sectors = bytes / block * block / Sectors.BYTES; // a tail that is not a whole block cannot be reached
        return new DeviceInfo(name, sectors, block, block, Math.max(transfer, block), 1, capabilities, "nbd");
    }

    private void add(Set<Capability> to, Capability capability, int flag) {
        if (has(flag)) {
            to.add(capability);
        }
    }

    /**
     * Returns why an export found later is not the one found before, or offers less than that one promised; empty if it is, and offers no
     * less.
     */
    String lacks(ClientTerms before) {
        int promised = before.flags & (PROMISED | (before.isForMany() ? Wire.CAN_MULTI_CONN : 0));
        if (bytes != before.bytes) {
            return "has " + bytes + " bytes now, not " + before.bytes;
        }
        if (has(Wire.READ_ONLY) && !before.has(Wire.READ_ONLY)) {
            return "is read-only now";
        }
        if ((flags & promised) != promised || (allocation < 0 && before.allocation >= 0)) {
            return "can do less now: " + this + " instead of " + before;
        }
        DeviceInfo then = before.info("");
        return blockBytesMin > then.logicalBlockBytes() || payloadBytesMax < then.transferBytesMax()
                ? "takes other requests now: " + this + " instead of " + before
                : "";
    }
}
