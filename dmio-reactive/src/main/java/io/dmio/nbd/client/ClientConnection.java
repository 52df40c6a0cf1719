package io.dmio.nbd.client;

import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.ReceiveBuffers;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.RequestHeader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannelConfig;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to a server after its handshake: knows which request each cookie belongs to. Owned by its event loop.
 *
 * <p>A connection that takes too long, and owes answers to changes, is given up but still listened to: only its late answers, or its end,
 * tell that the changes will not be done any more.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends in exceptionCaught
public final class ClientConnection extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

    private final ClientTerms agreement;
    private final int place;
    private final InFlight inFlight = new InFlight();
    private final ReplyDecoder decoder;
    private final Deque<ClientRequest> answered = new ArrayDeque<>(); // by the bytes being read; not told yet
    // Answered requests whose payload the channel still has: a ring may tell of the answer before all is sent.
    private final Set<ClientRequest> sending = new HashSet<>();
    private @Nullable ClientLink link;
    private @Nullable ChannelHandlerContext context;
    private boolean flushing;
    private boolean lost; // the link was told; requests in flight are ghosts
    private final WhoEnded ending = new WhoEnded();
    private final Movement movement = new Movement(System.nanoTime());
    private boolean retired; // it ends when all is answered

    /** Creates a connection in a place among those of its client. */
    ClientConnection(ClientTerms agreement, int place) {
        this.agreement = agreement;
        this.place = place;
        this.decoder = new ReplyDecoder(agreement.replies(), inFlight::get, this::answered);
    }

    public ClientTerms agreement() {
        return agreement;
    }

    int place() {
        return place;
    }

    /** Returns whether it ended, and not because of anything that was done or failed on this side. */
    boolean isClosedByServer() {
        return ending.isByServer();
    }

    /** Returns whether changes are in flight, or were when it was lost. */
    boolean owesChanges() {
        return inFlight.owesChanges();
    }

    /** Attaches a link, which is told of answers and of the connection's end from now on. */
    void attach(ClientLink to) {
        link = to;
        if (lost) {
            to.lost(this, List.of());
        }
    }

    int inFlightCount() {
        return inFlight.count();
    }

    void send(ClientRequest request, long nanos) {
        ChannelHandlerContext to = context;
        if (to == null) {
            throw new IllegalStateException("not connected");
        }
        request.sentNanos = nanos;
        boolean extended = agreement.replies() == ReplyFormat.EXTENDED;
        ByteBuf head = to.alloc().buffer(RequestHeader.bytes(extended));
        inFlight.add(request);
        request.header(request.cookie, extended).encode(head, extended);
        to.write(head, to.voidPromise());
        ByteBuf payload = request.payload();
        if (payload != null) {
            request.payloadsHeld++;
            to.write(payload).addListener(left -> payloadLeft(request, left.cause()));
        }
        if (!flushing) { // once for all requests that are sent in this turn of the loop
            flushing = true;
            to.executor().execute(() -> {
                flushing = false;
                to.flush();
            });
        }
    }

    /**
     * Gives the connection up if it owes an answer for too long and nothing moves, or if a late operation is a change, which may still be
     * done, or has half of its answer here. Stops waiting for other late operations, and ignores their answers.
     *
     * @return the requests that are to be told that it is too late
     */
    List<ClientRequest> look(long nanos, Duration replyTimeout, BiPredicate<ClientRequest, Long> isLate) {
        long moved = context == null ? nanos : movement.look(context.channel(), nanos);
        long oldest = inFlight.oldestNanos();
        if (oldest != Long.MAX_VALUE && nanos - Math.max(oldest, moved) > replyTimeout.toNanos()) {
            drop("no answer in " + replyTimeout);
            return List.of();
        }
        List<ClientRequest> late = inFlight.waitedFor(request -> isLate.test(request, moved));
        ClientRequest half = decoder.current();
        if (late.stream().anyMatch(request -> request.command.changes() || request.equals(half))) {
            drop("an operation took too long");
            return List.of();
        }
        late.forEach(inFlight::leave);
        return late;
    }

    /** Gives the connection up; what is in flight counts as lost. */
    void drop(String why) {
        LOG.warn("{}: dropped: {}", context == null ? "a connection" : context.channel(), why);
        if (owesChanges() && !lost && mayBeListenedTo()) {
            lose(null);
        } else {
            hangUp();
        }
    }

    /** Retires the connection: its server begins nothing new and answers what is in flight; then it is closed. */
    void retire() {
        retired = true;
        leaveIfRetired();
    }

    boolean isRetired() {
        return retired;
    }

    /** Closes the connection without a word. */
    void hangUp() {
        ending.here();
        if (context != null) {
            context.close();
        }
    }

    /** Says good-bye; to be called when nothing is in flight. */
    void leave() {
        ChannelHandlerContext to = context;
        if (to != null && !lost) {
            boolean extended = agreement.replies() == ReplyFormat.EXTENDED;
            ByteBuf head = to.alloc().buffer(RequestHeader.bytes(extended));
            new RequestHeader(0, Command.DISC.code(), inFlight.nextCookie(), 0, 0).encode(head, extended);
            to.writeAndFlush(head).addListener(sent -> to.close());
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        if (added.channel().config() instanceof DuplexChannelConfig config) {
            config.setAllowHalfClosure(true); // else nothing tells who closed it
        }
        ReceiveBuffers.serve(added.channel(), decoder);
    }

    @Override
    public void channelRead(ChannelHandlerContext in, Object message) {
        Nonsense nonsense = null;
        try {
            if (message instanceof ByteBuf bytes && !ending.isHere()) {
                movement.received(bytes.readableBytes());
                decoder.decode(bytes);
            }
        } catch (Nonsense found) {
            nonsense = found;
        } finally {
            ReferenceCountUtil.release(
                    message); // perhaps a part of the memory of those who are told of their answers now
            tellAnswered();
        }
        if (nonsense != null) {
            LOG.warn("{}: dropped: the server sends {}", in.channel(), nonsense.getMessage());
            hangUp(); // nothing from it is believed from here on
            lose(nonsense);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext in, Object event) throws Exception {
        if (ending.says(event)) {
            in.close();
        }
        super.userEventTriggered(in, event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext in) {
        ending.closed();
        decoder.release();
        lose(null);
        if (link != null) {
            link.over();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext in, Throwable cause) {
        LOG.debug("{}: {}", in.channel(), "" + cause);
        ending.failed(cause);
        in.close();
    }

    // Everything has left, as the rest would still be sent, and hold memory; and no answer is half there.
    private boolean mayBeListenedTo() {
        ChannelHandlerContext to = context;
        ChannelOutboundBuffer unsent = to == null ? null : to.channel().unsafe().outboundBuffer();
        boolean allSent = unsent != null && unsent.totalPendingWriteBytes() == 0 && !flushing && sending.isEmpty();
        return allSent && !inFlight.holdsPayloads() && decoder.current() == null;
    }

    /** Tells the link. The request that got nonsense has failed: asked again, it might get the same, or what only looks like sense. */
    private void lose(@Nullable Nonsense nonsense) {
        if (lost) {
            return;
        }
        lost = true;
        ClientRequest victim = nonsense == null ? null : decoder.current();
        List.copyOf(sending).forEach(this::tell); // before the loss, as their answers came before it
        sending.clear();
        List<ClientRequest> requests = inFlight.all();
        requests.forEach(inFlight::leave);
        boolean refused = requests.remove(victim);
        decoder.release();
        ClientLink to = link;
        if (to != null) {
            to.lost(this, requests);
            if (refused && victim != null && nonsense != null) {
                to.failed(victim, "the server sends " + nonsense.getMessage());
            }
        }
    }

    private void answered(ClientRequest request) {
        inFlight.remove(request);
        if (!lost) {
            answered.add(request);
        } else if (link != null && !owesChanges()) {
            link.over();
        }
    }

    private void tellAnswered() {
        for (ClientRequest next = answered.poll(); next != null; next = answered.poll()) {
            if (next.payloadsHeld == 0) {
                tell(next);
            } else {
                sending.add(next);
            }
        }
    }

    private void payloadLeft(ClientRequest request, @Nullable Throwable why) {
        if (why != null) {
            ending.failed(why);
        }
        if (--request.payloadsHeld == 0 && sending.remove(request)) {
            tell(request);
        }
    }

    private void tell(ClientRequest request) {
        if (link != null) {
            link.answered(this, request);
            leaveIfRetired();
        }
    }

    private void leaveIfRetired() {
        if (retired && !lost && inFlight.count() == 0) {
            hangUp();
        }
    }
}
