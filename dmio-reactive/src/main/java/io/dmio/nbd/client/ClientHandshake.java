package io.dmio.nbd.client;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.Sectors;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.SessionId;
import io.dmio.nbd.wire.Wire;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of a handshake: bytes in, bytes out, without a channel. Asks for the most there is and accepts less, one option at a
 * time. If the server cannot be understood or refuses, throws an exception with a message for people.
 *
 * <pre>
 *     GREETING ─▶ (TLS) ─▶ SESSION ─▶ EXTENDED ─refused─▶ STRUCTURED ─▶ CONTEXT ─▶ GO ─not known─▶ EXPORT_NAME
 *                                         └──────agreed──────────────────▲  │ └───────refused──────▲
 * </pre>
 */
final class ClientHandshake {

    private static final int REPLY_BYTES_MAX = 64 << 10;
    private static final int REPLIES_MAX = 1000; // to one option
    private static final int BLOCK_BYTES_MAX = 1 << 16;

    private final Remote remote;
    private final @Nullable SessionId session;
    private State state = State.GREETING;
    private boolean padded = true; // the old form of the answer to EXPORT_NAME
    private ReplyFormat replies = ReplyFormat.SIMPLE;
    private int allocation = -1;
    private @Nullable UUID instance;
    private long bytes = -1;
    private int flags;
    private int blockBytesMin = 1;
    private long payloadBytesMax = Wire.PAYLOAD_BYTES_MAX;
    private int count;
    private @Nullable ClientTerms agreement;

    private enum State {
        GREETING,
        TLS,
        SESSION,
        EXTENDED,
        STRUCTURED,
        CONTEXT,
        GO,
        EXPORT_NAME
    }

    /** What comes after a step. */
    enum Step {
        /** More bytes are needed. */
        MORE,
        /** One message was taken; the next may be there already. */
        AGAIN,
        /** The connection is encrypted from here on; then {@link #afterTls}. */
        TLS,
        /** {@link #agreement} is there. */
        AGREED
    }

    /** Creates a handshake. The session is what the server is told about the connection; null for nothing. */
    ClientHandshake(Remote remote, @Nullable SessionId session) {
        this.remote = remote;
        this.session = session;
    }

    /**
     * Takes one message, if all of it is there.
     *
     * @param in what came
     * @param out gets what is to be sent to the server
     * @throws DeviceException if there is nothing to be agreed on
     */
    Step step(ByteBuf in, ByteBuf out) {
        if (state == State.GREETING) {
            return in.readableBytes() < Wire.GREETING_BYTES ? Step.MORE : greeting(in, out);
        }
        if (state == State.EXPORT_NAME) {
            int wanted = Long.BYTES + Short.BYTES + (padded ? Wire.EXPORT_ZEROES_BYTES : 0);
            return in.readableBytes() < wanted ? Step.MORE : named(in);
        }
        if (in.readableBytes() < Wire.OPTION_REPLY_HEADER_BYTES) {
            return Step.MORE;
        }
        int start = in.readerIndex();
        long length = in.getUnsignedInt(start + 16);
        if (in.getLong(start) != Wire.OPTION_REPLY_MAGIC
                || in.getInt(start + 8) != option()
                || length > REPLY_BYTES_MAX
                || ++count > REPLIES_MAX) {
            throw broken("an answer that is none, to option " + option());
        }
        if (in.readableBytes() < Wire.OPTION_REPLY_HEADER_BYTES + length) {
            count--;
            return Step.MORE;
        }
        int type = in.skipBytes(Wire.OPTION_REPLY_HEADER_BYTES).getInt(start + 12);
        return reply(type, in.readSlice((int) length), out);
    }

    /** Starts again on the connection, which is encrypted now: everything is asked for anew. */
    void afterTls(ByteBuf out) {
        ask(first(), out);
    }

    /** Returns what was agreed; null before that. */
    @Nullable
    ClientTerms agreement() {
        return agreement;
    }

    private Step greeting(ByteBuf in, ByteBuf out) {
        long magic = in.readLong();
        long style = in.readLong();
        int offered = in.readUnsignedShort();
        if (magic != Wire.INIT_MAGIC || style != Wire.OPTION_MAGIC || (offered & Wire.FIXED_NEWSTYLE) == 0) {
            throw broken("no NBD server of the fixed newstyle is there");
        }
        padded = (offered & Wire.NO_ZEROES) == 0;
        out.writeInt(Wire.FIXED_NEWSTYLE | (padded ? 0 : Wire.NO_ZEROES));
        ask(remote.tls() ? State.TLS : first(), out);
        return Step.AGAIN;
    }

    private Step reply(int type, ByteBuf data, ByteBuf out) {
        boolean refused = (type & Wire.REP_ERROR) != 0;
        switch (state) {
            case TLS -> {
                if (type != Wire.REP_ACK) {
                    throw refusal(type, data);
                }
                return Step.TLS;
            }
            case SESSION -> session(type, data, out);
            case EXTENDED -> {
                requireAnswer(type, refused, data);
                replies = refused ? ReplyFormat.SIMPLE : ReplyFormat.EXTENDED;
                ask(refused ? State.STRUCTURED : State.CONTEXT, out);
            }
            case STRUCTURED -> {
                requireAnswer(type, refused, data);
                replies = refused ? ReplyFormat.SIMPLE : ReplyFormat.STRUCTURED;
                ask(refused ? State.GO : State.CONTEXT, out);
            }
            case CONTEXT -> {
                if (type == Wire.REP_META_CONTEXT && data.readableBytes() >= Integer.BYTES) {
                    allocation = data.readInt();
                } else {
                    requireAnswer(type, refused, data);
                    ask(State.GO, out); // without the context if that was refused
                }
            }
            case GO -> {
                return go(type, data, out);
            }
            case GREETING, EXPORT_NAME -> throw new IllegalStateException("no option was asked");
        }
        return Step.AGAIN;
    }

    private void session(int type, ByteBuf data, ByteBuf out) {
        if (type == Wire.REP_SESSION && data.readableBytes() == SessionId.INSTANCE_BYTES) {
            instance = SessionId.readUuid(data);
            return;
        }
        boolean refused = (type & Wire.REP_ERROR) != 0;
        requireAnswer(type, refused, data); // only servers of ours take it
        instance = refused ? null : instance;
        ask(State.EXTENDED, out);
    }

    private Step go(int type, ByteBuf data, ByteBuf out) {
        if (type == Wire.REP_INFO) {
            info(data);
            return Step.AGAIN;
        }
        if (type == Wire.REP_ERR_UNSUP && replies != ReplyFormat.EXTENDED) {
            ask(State.EXPORT_NAME, out);
            return Step.AGAIN;
        }
        requireAnswer(type, false, data);
        if (bytes < 0) {
            throw broken("an export without a size");
        }
        return agreed();
    }

    private void info(ByteBuf data) {
        int kind = data.readableBytes() < Short.BYTES ? -1 : data.readUnsignedShort();
        if (kind == Wire.INFO_EXPORT && data.readableBytes() == Long.BYTES + Short.BYTES) {
            bytes = data.readLong();
            flags = data.readUnsignedShort();
        } else if (kind == Wire.INFO_BLOCK_SIZE && data.readableBytes() == 3 * Integer.BYTES) {
            blockBytesMin = data.readInt();
            data.skipBytes(Integer.BYTES);
            payloadBytesMax = data.readUnsignedInt();
            if (blockBytesMin < 1
                    || blockBytesMin > BLOCK_BYTES_MAX
                    || Integer.bitCount(blockBytesMin) != 1
                    || payloadBytesMax < blockBytesMin) {
                throw broken("impossible blocks: " + blockBytesMin + " to " + payloadBytesMax + " bytes");
            }
        } else if (kind < 0 || kind == Wire.INFO_EXPORT || kind == Wire.INFO_BLOCK_SIZE) {
            throw broken("information " + kind + " of a wrong length");
        }
    }

    private Step named(ByteBuf in) {
        bytes = in.readLong();
        flags = in.readUnsignedShort();
        in.skipBytes(padded ? Wire.EXPORT_ZEROES_BYTES : 0);
        return agreed();
    }

    private Step agreed() {
        if (bytes < Sectors.BYTES || (flags & Wire.HAS_FLAGS) == 0) {
            throw broken("an export of " + bytes + " bytes with flags 0x" + Integer.toHexString(flags));
        }
        agreement = new ClientTerms(bytes, flags, blockBytesMin, payloadBytesMax, replies, allocation, instance);
        return Step.AGREED;
    }

    private void ask(State next, ByteBuf out) {
        state = next;
        count = 0;
        byte[] name = remote.export().getBytes(StandardCharsets.UTF_8);
        byte[] context = Wire.BASE_ALLOCATION.getBytes(StandardCharsets.UTF_8);
        int length = switch (next) {
            case GO -> Integer.BYTES + name.length + 2 * Short.BYTES;
            case CONTEXT -> 3 * Integer.BYTES + name.length + context.length;
            case EXPORT_NAME -> name.length;
            case SESSION -> SessionId.BYTES;
            default -> 0;
        };
        out.writeLong(Wire.OPTION_MAGIC).writeInt(option()).writeInt(length);
        if (next == State.GO) {
            out.writeInt(name.length).writeBytes(name).writeShort(1).writeShort(Wire.INFO_BLOCK_SIZE);
        } else if (next == State.CONTEXT) {
            out.writeInt(name.length).writeBytes(name);
            out.writeInt(1).writeInt(context.length).writeBytes(context);
        } else if (next == State.EXPORT_NAME) {
            out.writeBytes(name);
        } else if (next == State.SESSION && session != null) {
            session.encode(out);
        }
    }

    private State first() {
        return session == null ? State.EXTENDED : State.SESSION;
    }

    private int option() {
        return switch (state) {
            case TLS -> Wire.OPT_STARTTLS;
            case SESSION -> Wire.OPT_SESSION;
            case EXTENDED -> Wire.OPT_EXTENDED_HEADERS;
            case STRUCTURED -> Wire.OPT_STRUCTURED_REPLY;
            case CONTEXT -> Wire.OPT_SET_META_CONTEXT;
            case GO -> Wire.OPT_GO;
            case EXPORT_NAME -> Wire.OPT_EXPORT_NAME;
            case GREETING -> throw new IllegalStateException("nothing was asked");
        };
    }

    // A refusal only says what the server does not know, unless it wants TLS or is being shut down.
    private void requireAnswer(int type, boolean mayBeRefused, ByteBuf data) {
        boolean fatal = type == Wire.REP_ERR_TLS_REQD || type == Wire.REP_ERR_SHUTDOWN;
        if ((type & Wire.REP_ERROR) != 0 ? fatal || !mayBeRefused : type != Wire.REP_ACK) {
            throw refusal(type, data);
        }
    }

    private DeviceException refusal(int type, ByteBuf data) {
        String text = Wire.readString(data, Math.min(data.readableBytes(), Wire.STRING_BYTES_MAX));
        String said = text.isEmpty() ? "" : ": " + Wire.printable(text);
        return switch (type) {
            case Wire.REP_ERR_UNKNOWN -> of(Errno.ENOENT, "has no export '" + remote.export() + "'" + said);
            case Wire.REP_ERR_TLS_REQD -> of(Errno.EACCES, "wants TLS: use nbds://" + said);
            case Wire.REP_ERR_POLICY -> of(Errno.EACCES, "refuses" + said);
            case Wire.REP_ERR_SHUTDOWN -> of(Errno.ESHUTDOWN, "is being shut down" + said);
            default -> of(Errno.EIO, "refuses option " + option() + " with 0x" + Integer.toHexString(type) + said);
        };
    }

    private DeviceException broken(String what) {
        return of(Errno.EIO, what);
    }

    private DeviceException of(Errno errno, String what) {
        return DeviceException.of(errno, remote.toString(), what);
    }
}
