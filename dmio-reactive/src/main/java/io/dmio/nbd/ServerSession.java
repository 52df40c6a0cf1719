package io.dmio.nbd;

import io.dmio.PagePool;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client after its handshake. Owned by the channel's event loop; devices end requests on their own threads and leave word.
 *
 * <pre>
 *     socket ─▶ HEADER ─▶ WINDOW (waits for memory) ─▶ PAYLOAD ─▶ device ─▶ answers, in the order of their ends ─▶ socket
 *                 └──────▶ DRAIN (of what was refused) ─────────────────────▶
 * </pre>
 *
 * <p>Nothing is read from the socket that has no place: no more than a window of requests and bytes is in flight, and none is
 * begun while answers pile up. So a client that floods, or does not read, is held by TCP, and takes nothing from the others.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends in exceptionCaught
final class ServerSession extends ChannelInboundHandlerAdapter {

    /** The longest payload whose bytes are waited for, to refuse it. */
    static final int DRAIN_BYTES_MAX = 64 << 20;

    private static final RequestRules.Refusal SHUT_DOWN =
            new RequestRules.Refusal(WireError.ESHUTDOWN, "the server is being shut down");

    private static final Logger LOG = LoggerFactory.getLogger(ServerSession.class);

    private final Terms terms;
    private final ExportIo io;
    private final RequestRules rules;
    private final ReplyWriter writer;
    private final SessionLimits limits;
    private final Queue<ServerRequest> ended = new ConcurrentLinkedQueue<>();
    private final AtomicInteger endings = new AtomicInteger();

    // owned by the event loop
    private volatile @Nullable ChannelHandlerContext context;
    private final ArrayDeque<ByteBuf> unread = new ArrayDeque<>();
    private final ByteBuf head = Unpooled.buffer(Wire.EXTENDED_REQUEST_BYTES);
    private State state = State.HEADER;
    private @Nullable Request request; // in WINDOW, PAYLOAD and DRAIN
    private RequestRules.@Nullable Refusal refusal; // in DRAIN
    private @Nullable ByteBuf payload;
    private long left; // of the payload
    private int requests; // in flight
    private long bytes; // in flight
    private boolean reading;
    private boolean closing; // everything new is refused
    private boolean leaving; // nothing more is taken
    private boolean dirty; // something is not flushed

    private enum State {
        HEADER,
        WINDOW,
        PAYLOAD,
        DRAIN
    }

    ServerSession(Terms terms, ExportIo io, SessionLimits limits) {
        this.terms = terms;
        this.io = io;
        this.rules = new RequestRules(terms, io);
        this.writer = new ReplyWriter(terms.replies());
        this.limits = limits;
    }

    Terms terms() {
        return terms;
    }

    /** From any thread: a request has ended. */
    void ended(ServerRequest one) {
        ended.offer(one);
        ChannelHandlerContext in = context;
        if (endings.getAndIncrement() == 0 && in != null) {
            in.executor().execute(this::answer);
        }
    }

    /** From any thread: {@link #shutDown}. */
    void requestShutDown() {
        ChannelHandlerContext in = context;
        if (in != null) {
            in.executor().execute(this::shutDown);
        }
    }

    /** On the event loop: refuses what is new with ESHUTDOWN, and closes once everything is answered. */
    void shutDown() {
        closing = true;
        goOn();
        leaveIfIdle();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        readOn();
    }

    @Override
    public void channelRead(ChannelHandlerContext in, Object message) {
        if (message instanceof ByteBuf bytesIn) {
            unread.add(bytesIn);
            pump();
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext in) {
        reading = false;
        flush();
        readOn();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext in) {
        if (in.channel().isWritable()) {
            goOn();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext in) {
        leaving = true;
        unread.forEach(ByteBuf::release);
        unread.clear();
        ReferenceCountUtil.release(payload);
        payload = null;
        state = State.HEADER;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext in, Throwable cause) {
        LOG.debug("{}: {} is gone: {}", terms.export().name(), in.channel().remoteAddress(), "" + cause);
        in.close();
    }

    private void goOn() {
        pump();
        flush();
        readOn();
    }

    private void flush() {
        if (dirty && context != null) {
            dirty = false;
            context.flush();
        }
    }

    private void readOn() {
        boolean wanted = state == State.PAYLOAD || state == State.DRAIN || (state == State.HEADER && mayBegin());
        if (wanted && !reading && unread.isEmpty() && context != null) {
            reading = true;
            context.read();
        }
    }

    private boolean mayBegin() {
        return !leaving
                && requests < limits.requestsMax()
                && context != null
                && context.channel().isWritable();
    }

    private void pump() {
        for (ByteBuf in = unread.peek(); in != null && step(in); in = unread.peek()) {
            if (!in.isReadable() && unread.peek() != null) {
                unread.remove().release();
            }
        }
    }

    /** Takes some bytes or gets further without; false if neither can be done now. */
    private boolean step(ByteBuf in) {
        return switch (state) {
            case HEADER -> mayBegin() && header(in);
            case WINDOW -> enterWindow();
            case PAYLOAD -> fill(in);
            case DRAIN -> drain(in);
        };
    }

    private boolean header(ByteBuf in) {
        boolean extended = terms.replies() == Replies.EXTENDED;
        int wanted = Request.bytes(extended) - head.readableBytes();
        int now = Math.min(wanted, in.readableBytes());
        head.writeBytes(in, now);
        if (now < wanted) {
            return true;
        }
        Request next = Request.decode(head, extended);
        head.clear();
        long payloadBytes = next == null ? -1 : next.payload(extended);
        if (next == null || payloadBytes < 0 || payloadBytes > DRAIN_BYTES_MAX) {
            LOG.warn("{}: a client sent no request, or one with {} bytes: closed", terms.export(), payloadBytes);
            abort();
            return false;
        }
        request = next;
        left = payloadBytes;
        refusal = closing ? SHUT_DOWN : rules.of(next);
        if (refusal != null && next.command() != Command.DISC) {
            state = State.DRAIN;
            return left > 0 || drain(in);
        }
        if (next.command() == Command.DISC) {
            leaving = true;
            leaveIfIdle();
            return false;
        }
        state = State.WINDOW;
        return enterWindow();
    }

    private boolean enterWindow() {
        Request next = request;
        if (next == null) {
            throw new IllegalStateException("no request waits");
        }
        boolean transfers = next.command() == Command.READ || next.command() == Command.WRITE;
        long wanted = transfers ? next.length() : 0;
        if (bytes > 0 && bytes + wanted > limits.bytesMax()) {
            return false; // one that is larger than the window goes alone
        }
        requests++;
        bytes += wanted;
        ByteBuf memory = wanted == 0 ? null : PagePool.shared().allocate((int) wanted);
        if (left > 0) {
            payload = memory;
            state = State.PAYLOAD;
        } else {
            begin(next, memory);
        }
        return true;
    }

    private boolean fill(ByteBuf in) {
        ByteBuf into = payload;
        Request whole = request;
        if (into == null || whole == null) {
            throw new IllegalStateException("no payload is wanted");
        }
        int now = (int) Math.min(left, in.readableBytes());
        into.setBytes((int) (whole.length() - left), in, in.readerIndex(), now);
        in.skipBytes(now);
        left -= now;
        if (left == 0) {
            payload = null;
            begin(whole, into);
        }
        return true;
    }

    private boolean drain(ByteBuf in) {
        int now = (int) Math.min(left, in.readableBytes());
        in.skipBytes(now);
        left -= now;
        if (left == 0 && request != null && refusal != null && context != null) {
            state = State.HEADER;
            writer.refuse(context, request, refusal);
            dirty = true;
        }
        return true;
    }

    private void begin(Request whole, @Nullable ByteBuf memory) {
        state = State.HEADER;
        request = null;
        new ServerRequest(this, io, whole, memory).start();
    }

    private void answer() {
        int seen = endings.get();
        do {
            for (ServerRequest one = ended.poll(); one != null; one = ended.poll()) {
                requests--;
                bytes -= one.bytes();
                answer(one);
            }
            seen = endings.addAndGet(-seen);
        } while (seen != 0);
        goOn();
        leaveIfIdle();
    }

    private void answer(ServerRequest one) {
        try {
            if (context != null && context.channel().isActive()) {
                writer.answer(context, one, terms.contexts());
                dirty = true;
            }
        } finally {
            ReferenceCountUtil.release(one.memory);
        }
    }

    private void leaveIfIdle() {
        boolean answered = leaving || (closing && state == State.HEADER && unread.isEmpty());
        if (answered && requests == 0 && context != null && context.channel().isActive()) {
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    private void abort() {
        leaving = true;
        if (context != null) {
            context.close();
        }
    }
}
