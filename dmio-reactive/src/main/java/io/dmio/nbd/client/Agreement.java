package io.dmio.nbd.client;

import io.dmio.Capability;
import io.dmio.DeviceInfo;
import io.dmio.Sectors;
import io.dmio.nbd.wire.Replies;
import io.dmio.nbd.wire.Wire;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a client's handshake has found.
 *
 * @param bytes the export's size
 * @param flags what it can do
 * @param blockBytesMin the smallest request it likes
 * @param payloadBytesMax the longest read or write it takes
 * @param replies how it answers
 * @param allocation the id of {@code base:allocation}, or -1
 * @param instance which server it is, from its start to its end; null for one that does not know of sessions
 */
public record Agreement(
        long bytes,
        int flags,
        int blockBytesMin,
        long payloadBytesMax,
        Replies replies,
        int allocation,
        @Nullable UUID instance) {

    private static final int TRANSFER_BYTES_MAX = 1 << 20; // more at once is not faster, and holds more memory

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Whether a flush on one connection covers the others. */
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
        long sectors = bytes / block * block / Sectors.BYTES; // a tail that is no whole block cannot be reached
        return new DeviceInfo(name, sectors, block, block, Math.max(transfer, block), 1, capabilities, "nbd");
    }

    private void add(Set<Capability> to, Capability capability, int flag) {
        if (has(flag)) {
            to.add(capability);
        }
    }

    /** Whether an export found later is the one that was found before. */
    boolean isSameExport(Agreement before) {
        return bytes == before.bytes && flags == before.flags && blockBytesMin == before.blockBytesMin;
    }
}
