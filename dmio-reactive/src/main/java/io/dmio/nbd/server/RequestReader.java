package io.dmio.nbd.server;

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
 * Reads requests out of what comes from a client, and no more than there is room for: of a large write a piece, which is begun when it has
 * come. Knows no channel; one thread.
 *
 * <pre>
 *                      ┌────── the next piece ─────┐
 *                      ▼                           │
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
    private final Room room;
    private final ArrayDeque<ByteBuf> unread = new ArrayDeque<>(); // an empty one stays while a request waits for room
    private final ByteBuf head = Unpooled.buffer(Wire.EXTENDED_REQUEST_BYTES);
    private State state = State.HEADER;
    private @Nullable RequestHeader request; // in all states but HEADER
    private RequestRules.@Nullable Refusal refusal; // in DRAIN
    private final Payload payload = new Payload(); // in PAYLOAD: all of it, or this piece
    private int size; // of the payload, or of what a read asks for
    private long left; // of the whole payload
    private @Nullable WritePieces pieces; // if there are several
    private boolean isModest; // whether the next piece is, as others wait
    private boolean wroteMuch; // whether the last request did

    private enum State {
        HEADER,
        WINDOW,
        PAYLOAD,
        DRAIN
    }

    /** The receiver of requests. */
    interface Taker {
        /** Returns whether another request may be looked at. */
        boolean mayBegin();

        /** Returns why a request is not done, or null. */
        RequestRules.@Nullable Refusal refusal(RequestHeader request);

        /** Returns memory for a request that has room; throws an OutOfMemoryError if there is none even so. */
        ByteBuf allocate(int bytes);

        /**
         * Begins a request, or a piece of a write.
         *
         * @param memory the taker's from now on; null if it needs none
         * @param of the write that it is a piece of, or null
         */
        void begin(RequestHeader request, @Nullable ByteBuf memory, @Nullable WritePieces of);

        /** Refuses a request of which all has come, and of which pieces may have begun. */
        void refuse(RequestHeader request, RequestRules.Refusal refusal, @Nullable WritePieces of);

        /** Called when the client says good-bye. */
        void goodbye();

        /** Called when what comes is not a request, or one too long to wait for; nothing after it can be understood. */
        void nonsense(String what);
    }

    RequestReader(boolean extended, Room room, Taker taker) {
        this.extended = extended;
        this.room = room;
        this.taker = taker;
    }

    /** Adds what came; the reader owns it from now on. */
    void add(ByteBuf bytes) {
        unread.add(bytes);
    }

    @Override
    public @Nullable ByteBuf room() {
        return unread.isEmpty() ? payload.room() : null;
    }

    // A client that writes much goes on doing so: the next payload comes after a head.
    @Override
    public int headBytes() {
        return isBetweenRequests() && wroteMuch ? RequestHeader.bytes(extended) : 0;
    }

    /** Reads as many requests as it may. */
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
                && (state != State.HEADER || taker.mayBegin()); // while waiting for room something is unread
    }

    /** Returns whether no part of an incomplete request has come. */
    boolean isBetweenRequests() {
        return unread.isEmpty() && state == State.HEADER && !head.isReadable();
    }

    /** Returns whether the rest of a payload is still to come from the client. */
    boolean isInPayload() {
        return state == State.PAYLOAD;
    }

    /** Called when others wait for memory: begins what has come of a write, and the rest makes do with little. */
    void lend() {
        if (state != State.PAYLOAD || !isWrite()) {
            return;
        }
        RequestHeader write = current();
        int whole = room.wholeBlocks(write.offset() + write.length() - left - payload.come(), payload.come());
        ByteBuf behind = payload.cut(whole);
        left += behind.readableBytes();
        unread.addFirst(behind);
        isModest = true;
        if (whole > 0) {
            begin(write);
        } else {
            giveUp();
            state = State.WINDOW;
        }
    }

    /** Forgets everything. */
    void release() {
        unread.forEach(ByteBuf::release);
        unread.clear();
        giveUp();
        state = State.HEADER;
    }

    private void giveUp() {
        ByteBuf memory = payload.end();
        if (memory != null) {
            room.give(StatusRuns.roomBytes(current(), size));
            memory.release();
        }
    }

    /** Takes some bytes, or gets further without; returns false if neither is possible now. */
    private boolean step(ByteBuf in) {
        return switch (state) {
            case HEADER -> taker.mayBegin() && header(in);
            case WINDOW -> enterWindow(in.isReadable()) || (left > 0 && !in.isReadable() && isWrite());
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
        pieces = null;
        isModest = false;
        wroteMuch = LentRoom.suits(bytes);
        refusal = taker.refusal(next);
        state = refusal == null ? State.WINDOW : State.DRAIN;
        return refusal != null ? drain(in) : step(in);
    }

    private boolean enterWindow(boolean hasCome) {
        RequestHeader next = current();
        if (!takeRoom(next, hasCome)) {
            return false;
        }
        ByteBuf memory;
        try {
            memory = size == 0 ? null : taker.allocate(size);
        } catch (OutOfMemoryError none) {
            room.give(StatusRuns.roomBytes(current(), size));
            refusal = NO_MEMORY;
            state = State.DRAIN;
            return true;
        }
        if (left > 0 && memory != null) {
            payload.begin(memory, size);
            state = State.PAYLOAD;
        } else {
            state = State.HEADER;
            taker.begin(next, memory, null);
        }
        return true;
    }

    private boolean takeRoom(RequestHeader next, boolean hasCome) {
        if (left > 0 && isWrite()) {
            size = room.takePiece(next.offset() + next.length() - left, left, hasCome, isModest);
            return size > 0;
        }
        size = (int) (next.command() == Command.READ ? next.length() : left);
        return room.take(StatusRuns.roomBytes(next, size));
    }

    private boolean isWrite() {
        return current().command() == Command.WRITE;
    }

    private boolean fill(ByteBuf in) {
        left -= payload.fill(in);
        if (payload.isWhole()) {
            isModest = false;
            begin(current());
            if (state == State.WINDOW && !in.isReadable()) {
                enterWindow(false); // so that a socket can receive into it
            }
        }
        return true;
    }

    /** Begins a request whose payload has come, or a piece of it. */
    private void begin(RequestHeader request) {
        int bytes = payload.bytes();
        long from = request.length() - left - bytes;
        ByteBuf memory = payload.end();
        boolean isLast = left == 0;
        state = isLast ? State.HEADER : State.WINDOW;
        if (isLast && from == 0) {
            taker.begin(request, memory, null);
            return;
        }
        WritePieces all = pieces == null ? new WritePieces(request.length()) : pieces;
        pieces = all;
        all.begin(isLast);
        taker.begin(request.part(from, bytes), memory, all);
    }

    private boolean drain(ByteBuf in) {
        int now = (int) Math.min(left, in.readableBytes());
        in.skipBytes(now);
        left -= now;
        RequestRules.Refusal why = refusal;
        if (left == 0 && why != null) {
            state = State.HEADER;
            taker.refuse(current(), why, pieces);
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
