package io.dmio.nbd.wire;

import io.netty.buffer.ByteBuf;
import java.util.UUID;

/**
 * What a client says about a connection, so that a server of ours knows which older connection it replaces. On the wire, as the data of
 * {@link Wire#OPT_SESSION}:
 *
 * <pre>
 *     client:16 | place:4 | epoch:8
 * </pre>
 *
 * @param client chosen at random by each device that is opened
 * @param place which of the client's connections it is; there is one in each place
 * @param epoch higher than that of every earlier connection of the client
 */
public record SessionId(UUID client, int place, long epoch) {

    public static final int BYTES = 2 * Long.BYTES + Integer.BYTES + Long.BYTES;
    public static final int INSTANCE_BYTES = 2 * Long.BYTES;

    public void encode(ByteBuf out) {
        writeUuid(out, client);
        out.writeInt(place).writeLong(epoch);
    }

    /** Reads {@link #BYTES} from a buffer. */
    public static SessionId decode(ByteBuf in) {
        return new SessionId(readUuid(in), in.readInt(), in.readLong());
    }

    /** Returns whether both are connections in one place, of which only the newest lives. */
    public boolean isInPlaceOf(SessionId other) {
        return client.equals(other.client) && place == other.place;
    }

    public static void writeUuid(ByteBuf out, UUID id) {
        out.writeLong(id.getMostSignificantBits()).writeLong(id.getLeastSignificantBits());
    }

    public static UUID readUuid(ByteBuf in) {
        return new UUID(in.readLong(), in.readLong());
    }
}
