package io.dmio.nbd.server;

import io.dmio.memory.Bytes;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.LentRoom;
import io.dmio.nbd.wire.ReceiveBuffers;
import io.dmio.nbd.wire.RequestHeader;
import io.dmio.nbd.wire.Wire;
import io.dmio.nbd.wire.WireError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Takes requests out of what comes from a client, and no more of it than there is room for. No channel in it; one thread.
 *
 * <pre>
 *     HEADER ─▶ WINDOW (waits for room) ─▶ PAYLOAD (if any) ─▶ begun
 *        └────▶ DRAIN (of what is refused, or finds no memory) ─▶ refused
 * </pre>
 */
final class RequestReader implements ReceiveBuffers.Reader {

    /** The longest payload whose bytes are waited for, to refuse it. */
    static final int DRAIN_BYTES_MAX = 64 << 20;

    private static final RequestRules.Refusal NO_MEMORY =
            new RequestRules.Refusal(WireError.ENOMEM, "the server is out of memory");

    private final boolean extended;
    private final Taker taker;
    private final ArrayDeque<ByteBuf> unread = new ArrayDeque<>(); // an empty one stays while a request waits for room
    private final ByteBuf head = Unpooled.buffer(Wire.EXTENDED_REQUEST_BYTES);
    private State state = State.HEADER;
    private @Nullable RequestHeader request; // in all states but HEADER
    private RequestRules.@Nullable Refusal refusal; // in DRAIN
    private @Nullable ByteBuf payload; // in PAYLOAD
    private final LentRoom room = new LentRoom(); // the rest of the payload
    private long left; // of the payload
    private boolean wroteMuch; // by the last request

    private enum State {
        HEADER,
        WINDOW,
        PAYLOAD,
        DRAIN
    }

    /** Who requests go to. */
    interface Taker {
        /** Whether another request may be looked at. */
        boolean mayBegin();

        /** Why a request is not done, or null. */
        RequestRules.@Nullable Refusal refusal(RequestHeader request);

        /** Whether there is room; if so it is taken. */
        boolean takeRoom(long bytes);

        /** Memory for a request that has room; throws an OutOfMemoryError if there is none all the same. */
        ByteBuf allocate(int bytes);

        /** A request for which room was taken will not begin. */
        void giveRoom(long bytes);

        /** A request with its memory, which is the taker's from now on; null if it has none. */
        void begin(RequestHeader request, @Nullable ByteBuf memory);

        /** All of a refused request has come. */
        void refuse(RequestHeader request, RequestRules.Refusal refusal);

        /** The client says good-bye. */
        void goodbye();

        /** What comes is no request, or one whose length nobody waits for; nothing after it can be understood. */
        void nonsense(String what);
    }

    RequestReader(boolean extended, Taker taker) {
        this.extended = extended;
        this.taker = taker;
    }

    /** Adds what came; it is the reader's from now on. */
    void add(ByteBuf bytes) {
        unread.add(bytes);
    }

    @Override
    public @Nullable ByteBuf room() {
        ByteBuf into = payload;
        return into == null || !unread.isEmpty() || !LentRoom.suits(current().length())
                ? null
                : room.lend(into, (int) (current().length() - left), (int) left);
    }

    // Who writes much goes on doing so: the next payload comes behind a head.
    @Override
    public int headBytes() {
        return isBetweenRequests() && wroteMuch ? RequestHeader.bytes(extended) : 0;
    }

    /** Takes as many requests as it may. */
    void run() {
        for (ByteBuf in = unread.peek(); in != null && step(in); in = unread.peek()) {
            if (!in.isReadable() && unread.peek() != null) {
                unread.remove().release();
            }
        }
    }

    @Override
    public boolean wantsMore() {
        return unread.isEmpty()
                && (state == State.PAYLOAD || state == State.DRAIN || (state == State.HEADER && taker.mayBegin()));
    }

    /** Whether nothing has come of a request that is not whole. */
    boolean isBetweenRequests() {
        return unread.isEmpty() && state == State.HEADER && !head.isReadable();
    }

    /** Whether the rest of a payload is to come from the client. */
    boolean isInPayload() {
        return state == State.PAYLOAD;
    }

    /** Forgets everything. */
    void release() {
        unread.forEach(ByteBuf::release);
        unread.clear();
        if (payload != null) {
            taker.giveRoom(current().length());
            payload.release();
            payload = null;
        }
        room.end();
        state = State.HEADER;
    }

    /** Takes some bytes or gets further without; false if neither can be done now. */
    private boolean step(ByteBuf in) {
        return switch (state) {
            case HEADER -> taker.mayBegin() && header(in);
            case WINDOW -> enterWindow();
            case PAYLOAD -> fill(in);
            case DRAIN -> drain(in);
        };
    }

    private boolean header(ByteBuf in) {
        int wanted = RequestHeader.bytes(extended) - head.readableBytes();
        int now = Math.min(wanted, in.readableBytes());
        head.writeBytes(in, now);
        if (now < wanted) {
            return true;
        }
        RequestHeader next = RequestHeader.decode(head, extended);
        head.clear();
        long bytes = next == null ? -1 : next.payload(extended);
        if (next == null || bytes < 0 || bytes > DRAIN_BYTES_MAX) {
            taker.nonsense(next == null ? "no request" : "a payload of " + bytes + " bytes");
            return false;
        }
        if (next.command() == Command.DISC) {
            taker.goodbye();
            return false;
        }
        request = next;
        left = bytes;
        wroteMuch = LentRoom.suits(bytes);
        refusal = taker.refusal(next);
        state = refusal == null ? State.WINDOW : State.DRAIN;
        return refusal == null ? enterWindow() : drain(in);
    }

    private boolean enterWindow() {
        RequestHeader next = current();
        long wanted = next.command() == Command.READ ? next.length() : left;
        if (!taker.takeRoom(wanted)) {
            return false;
        }
        ByteBuf memory;
        try {
            memory = wanted == 0 ? null : taker.allocate((int) wanted);
        } catch (OutOfMemoryError none) {
            taker.giveRoom(wanted);
            refusal = NO_MEMORY;
            state = State.DRAIN;
            return true;
        }
        if (left > 0) {
            payload = memory;
            state = State.PAYLOAD;
        } else {
            state = State.HEADER;
            taker.begin(next, memory);
        }
        return true;
    }

    private boolean fill(ByteBuf in) {
        ByteBuf into = payload;
        RequestHeader whole = current();
        if (into == null) {
            throw new IllegalStateException("no payload is wanted");
        }
        int now = (int) Math.min(left, in.readableBytes());
        if (!room.is(in)) {
            Bytes.copy(in, in.readerIndex(), into, (int) (whole.length() - left), now);
        }
        in.skipBytes(now);
        left -= now;
        if (left == 0) {
            payload = null;
            room.end();
            state = State.HEADER;
            taker.begin(whole, into);
        }
        return true;
    }

    private boolean drain(ByteBuf in) {
        int now = (int) Math.min(left, in.readableBytes());
        in.skipBytes(now);
        left -= now;
        RequestRules.Refusal why = refusal;
        if (left == 0 && why != null) {
            state = State.HEADER;
            taker.refuse(current(), why);
        }
        return true;
    }

    private RequestHeader current() {
        RequestHeader now = request;
        if (now == null) {
            throw new IllegalStateException("no request is being taken");
        }
        return now;
    }
}
