package io.dmio.nbd.server;

import io.dmio.nbd.wire.Wire;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of a handshake: bytes in, bytes out, without a channel. Fixed newstyle only. Options are taken one after the other, as a
 * whole; if one is malformed it is refused and the client goes on, if the rest can no longer be understood the connection is closed.
 *
 * <pre>
 *     FLAGS ──client flags──▶ OPTIONS ──GO, EXPORT_NAME──▶ agreed
 *                              │  ▲ └──STARTTLS──▶ TLS, then all over again
 *                              ▼  │
 *                              DRAIN (an option too long to be taken)
 * </pre>
 */
public final class ServerHandshake {

    /** The longest option that is looked at. */
    public static final int OPTION_BYTES_MAX = 64 << 10;

    /** The longest option whose bytes are waited for, to refuse it. */
    static final int DRAIN_BYTES_MAX = 1 << 20;

    /** How many options a client may send, and how many more for each export. */
    static final int OPTIONS_MAX = 256;

    static final int OPTIONS_MAX_EACH = 8;

    private static final int FLAGS_BYTES = 4;

    private final OptionNegotiation options;
    private boolean flagsSeen;
    private int count;
    private long drain;

    /** What comes after a step. */
    enum Step {
        /** More bytes are needed. */
        MORE,
        /** One message was answered; the next may be there already. */
        AGAIN,
        /** The answer is the last in plain text. */
        TLS,
        /** {@link #terms} are agreed; requests follow. */
        AGREED,
        /** Nothing more can be said. */
        CLOSE
    }

    ServerHandshake(OptionNegotiation options) {
        this.options = options;
    }

    /** Writes what the server says first. */
    public static void greet(ByteBuf out) {
        out.writeLong(Wire.INIT_MAGIC).writeLong(Wire.OPTION_MAGIC);
        out.writeShort(Wire.FIXED_NEWSTYLE | Wire.NO_ZEROES);
    }

    /**
     * Takes one message, if all of it is there.
     *
     * @param in what came; what belongs to the next message stays
     * @param out gets the answer
     */
    Step step(ByteBuf in, ByteBuf out) {
        if (!flagsSeen) {
            return in.readableBytes() < FLAGS_BYTES ? Step.MORE : flags(in.readInt());
        }
        if (drain > 0) {
            int now = (int) Math.min(drain, in.readableBytes());
            in.skipBytes(now);
            drain -= now;
            return drain > 0 ? Step.MORE : Step.AGAIN;
        }
        if (in.readableBytes() < Wire.OPTION_HEADER_BYTES) {
            return Step.MORE;
        }
        int start = in.readerIndex();
        if (in.getLong(start) != Wire.OPTION_MAGIC) {
            return Step.CLOSE;
        }
        long length = in.getUnsignedInt(start + 12);
        if (length <= OPTION_BYTES_MAX && in.readableBytes() < Wire.OPTION_HEADER_BYTES + length) {
            return Step.MORE;
        }
        int option = in.skipBytes(Wire.OPTION_HEADER_BYTES).getInt(start + 8);
        if (++count > options.countMax() || length > DRAIN_BYTES_MAX) {
            return Step.CLOSE;
        }
        if (length > OPTION_BYTES_MAX) {
            drain = length;
            return options.tooLong(option, out);
        }
        return options.answer(option, in.readSlice((int) length), out);
    }

    /** Resumes after TLS: the client has told its flags already, and goes on with options. */
    void resume(boolean zeroes) {
        flagsSeen = true;
        options.setZeroes(zeroes);
    }

    /** Returns whether the client wants the old padding. */
    boolean zeroes() {
        return options.zeroes();
    }

    /** Returns what was agreed; null before that. */
    @Nullable
    ServerTerms terms() {
        return options.terms();
    }

    private Step flags(int flags) {
        flagsSeen = true;
        options.setZeroes((flags & Wire.NO_ZEROES) == 0);
        return (flags & ~(Wire.FIXED_NEWSTYLE | Wire.NO_ZEROES)) == 0 ? Step.AGAIN : Step.CLOSE;
    }
}
