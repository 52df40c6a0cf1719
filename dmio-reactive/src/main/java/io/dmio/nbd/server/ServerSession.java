package io.dmio.nbd.server;

import io.dmio.LentThread;
import io.dmio.PagePool;
import io.dmio.nbd.wire.ReceiveBuffers;
import io.dmio.nbd.wire.RequestHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.context.Context;

/**
 * The session of one client after its handshake. Owned by the channel's event loop; devices end requests on their own threads and leave word.
 *
 * <pre>
 *     socket ─▶ RequestReader ─▶ ServerRequest ─▶ device ─▶ ReplyWriter, in the order of their ends ─▶ socket
 * </pre>
 *
 * <p>Nothing is read from the socket without a place for it: no more than a window of requests and bytes is in flight, and none is begun
 * while answers pile up. So a client that floods, or does not read, is held by TCP, and takes nothing from the others.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends in exceptionCaught
final class ServerSession extends ChannelInboundHandlerAdapter implements StallWatch.Watched {

    private static final Logger LOG = LoggerFactory.getLogger(ServerSession.class);
    private static final LogLimit CLIENTS = new LogLimit(LOG, System::nanoTime);

    private final ServerTerms terms;
    private final ExportIo io;
    private final RequestRules rules;
    private final ReplyWriter writer;
    private final Window window;
    private final Admission admission;
    private final RequestReader reader;
    private final CompletionQueue ended = new CompletionQueue(this::answerNext, this::inLoop);
    private final Sinks.Empty<Void> over = Sinks.empty();
    private volatile @Nullable ChannelHandlerContext context; // set once
    private volatile Context lent = Context.empty(); // set once

    // owned by the event loop
    private final StallDetector progress = new StallDetector();
    private boolean reading;
    private boolean closing; // everything new is refused
    private boolean leaving; // nothing more is taken
    private boolean dirty; // something is not flushed
    private final UnsentAnswers unsent = new UnsentAnswers(this::goOn);

    /** Creates a session on an export; the window is made from what the session does when there is room again. */
    ServerSession(ServerTerms terms, ExportIo io, Function<Runnable, Window> window, StallWatch stalls) {
        this.terms = terms;
        this.io = io;
        this.rules = new RequestRules(terms, io);
        this.writer = new ReplyWriter(terms);
        this.window = window.apply(() -> inLoop(this::goOn));
        this.admission = new Admission(this.window, io, stalls);
        this.reader = new RequestReader(terms.isExtended(), admission, new Taker());
    }

    ServerTerms terms() {
        return terms;
    }

    /** Returns the context for devices: it says that short copies may be made on the event loop. */
    Context lent() {
        return lent;
    }

    /** Returns a Mono that completes when the connection is closed, nothing is in flight on the device and all pages are back. */
    Mono<Void> over() {
        return over.asMono();
    }

    /** Called when a request has ended. From any thread. */
    void ended(ServerRequest one) {
        ended.add(one);
    }

    /** Refuses what is new with ESHUTDOWN, and closes once everything is answered. From any thread. */
    void shutDown() {
        inLoop(() -> {
            closing = true;
            goOn();
            leaveIfIdle();
        });
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        lent = LentThread.toCopy(Context.empty());
        context = added;
        admission.on(added.executor());
        ReceiveBuffers.serve(added.channel(), reader);
        readOn();
    }

    @Override
    public void channelRead(ChannelHandlerContext in, Object message) {
        if (message instanceof ByteBuf come) {
            progress.received(come.readableBytes());
            reader.add(come);
            take();
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext in) {
        reading = false;
        goOn();
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
        reader.release();
        window.close();
        leaveIfIdle();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext in, Throwable cause) {
        LOG.debug("{}: {} is gone: {}", terms.export(), in.channel().remoteAddress(), "" + cause);
        in.close();
    }

    /** The receiver of the reader's requests. */
    private final class Taker implements RequestReader.Taker {

        @Override
        public boolean mayBegin() {
            return !leaving && window.mayBegin() && context().channel().isWritable() && !unsent.isFull(context());
        }

        @Override
        public RequestRules.@Nullable Refusal refusal(RequestHeader request) {
            return closing ? RequestRules.SHUT_DOWN : rules.of(request);
        }

        @Override
        public ByteBuf allocate(int bytes) {
            return PagePool.shared().allocate(bytes);
        }

        @Override
        public void begin(RequestHeader request, @Nullable ByteBuf memory, @Nullable WritePieces of) {
            admission.came();
            new ServerRequest(ServerSession.this, io, request, memory).of(of).start();
        }

        @Override
        public void refuse(RequestHeader request, RequestRules.Refusal refusal, @Nullable WritePieces of) {
            if (of == null || of.refuse(refusal)) { // else the last piece tells it
                writer.refuse(context(), request, refusal);
                dirty = true;
            }
        }

        @Override
        public void goodbye() {
            leaving = true;
            leaveIfIdle();
        }

        @Override
        public void nonsense(String what) {
            CLIENTS.warn("{}: a client sent {}: closed", terms.export(), what);
            leaving = true;
            context().close();
        }
    }

    /** Called when others wait for memory, some of which half of a write may hold. From any thread. */
    @Override
    public void lend() {
        if (admission.mayLend()) {
            inLoop(() -> {
                admission.lend();
                goOn();
            });
        }
    }

    private void take() {
        reader.run();
        if (admission.mustLend()) {
            reader.lend();
            reader.run();
        }
    }

    private void goOn() {
        take();
        if (dirty) {
            dirty = false;
            context().flush();
        }
        readOn();
    }

    private void readOn() {
        if (!reading && reader.wantsMore()) {
            reading = true;
            context().read();
        }
    }

    private boolean answerNext() {
        ServerRequest one = ended.poll();
        if (one == null) { // all that ended so far are answered: one flush for all of them
            goOn();
            leaveIfIdle();
            return false;
        }
        window.end();
        answer(one);
        return true;
    }

    private void answer(ServerRequest one) {
        long bytes = one.roomBytes();
        boolean active = context().channel().isActive();
        boolean sends = active && bytes > 0 && !one.command.changes(); // its pages are held until the answer has left
        try {
            if (one.isAnswered() && active) {
                ChannelPromise sent = sends ? context().newPromise() : context().voidPromise();
                if (sends) {
                    sent.addListener(left -> give(bytes));
                }
                writer.answer(context(), one, sent);
                dirty = true;
            }
        } finally {
            ReferenceCountUtil.release(one.memory);
        }
        if (!sends) {
            window.give(bytes);
        }
    }

    private void give(long bytes) {
        if (window.give(bytes)) {
            goOn();
        }
        leaveIfIdle();
    }

    /** Closes the connection if the client keeps pages that others could have, has to move, and has not for some time. From any thread. */
    @Override
    public void look(long nanosMax) {
        inLoop(() -> {
            long left = UnsentAnswers.bytes(context());
            if (progress.isStalled(window.holdsCommon() && (left > 0 || reader.isInPayload()), left, nanosMax)) {
                CLIENTS.warn(
                        "{}: a client holds memory that others wait for, and does not move: closed", terms.export());
                context().close();
            }
        });
    }

    // Requests run to their end whatever becomes of their client, and use their pages until then.
    private void leaveIfIdle() {
        boolean leaves = leaving || (closing && reader.isBetweenRequests());
        boolean active = context().channel().isActive();
        if (leaves && active && window.requests() == 0) {
            context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        } else if (leaving && !active && window.isEmpty()) {
            over.tryEmitEmpty();
        }
    }

    private void inLoop(Runnable work) {
        context().executor().execute(work);
    }

    private ChannelHandlerContext context() {
        ChannelHandlerContext now = context;
        if (now == null) {
            throw new IllegalStateException("not in a pipeline yet");
        }
        return now;
    }
}
