package io.dmio.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.collection.LongObjectHashMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection to a server after its handshake: cookies, and whom they belong to. Owned by its event loop. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends in exceptionCaught
final class ClientConnection extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

    private final Agreement agreement;
    private final LongObjectHashMap<ClientRequest> inFlight = new LongObjectHashMap<>();
    private final ReplyDecoder decoder;
    private final Deque<ClientRequest> answered = new ArrayDeque<>(); // by what is being read; not told of yet
    // Answered, but the channel has not given their payload back: a ring may tell of the answer before it tells that
    // all is sent.
    private final Set<ClientRequest> sending = new HashSet<>();
    private @Nullable ClientLink link;
    private @Nullable ChannelHandlerContext context;
    private long cookie;
    private boolean flushing;
    private boolean lost;

    ClientConnection(Agreement agreement) {
        this.agreement = agreement;
        this.decoder = new ReplyDecoder(agreement.replies(), inFlight::get, this::answered);
    }

    Agreement agreement() {
        return agreement;
    }

    /** Answers and its end are told to a link from now on. */
    void attach(ClientLink to) {
        link = to;
        if (lost) {
            to.lost(this, List.of());
        }
    }

    int inFlightCount() {
        return inFlight.size();
    }

    void send(ClientRequest request, long nanos) {
        ChannelHandlerContext to = context;
        if (to == null) {
            throw new IllegalStateException("not connected");
        }
        request.sentNanos = nanos;
        boolean extended = agreement.replies() == Replies.EXTENDED;
        ByteBuf head = to.alloc().buffer(Request.bytes(extended));
        request.cookie = ++cookie;
        request.header(cookie, extended).encode(head, extended);
        inFlight.put(cookie, request);
        to.write(head, to.voidPromise());
        ByteBuf payload = request.payload();
        if (payload != null) {
            request.payloadsHeld++;
            to.write(payload).addListener(left -> payloadLeft(request));
        }
        if (!flushing) { // once for all that are sent in this turn of the loop
            flushing = true;
            to.executor().execute(() -> {
                flushing = false;
                to.flush();
            });
        }
    }

    /** The request that waits longest, as the nanoseconds of its sending; {@link Long#MAX_VALUE} if there is none. */
    long oldestNanos() {
        long oldest = Long.MAX_VALUE;
        for (ClientRequest request : inFlight.values()) {
            oldest = Math.min(oldest, request.sentNanos);
        }
        return oldest;
    }

    /** Ends it; what is in flight counts as lost. */
    void drop(String why) {
        LOG.warn("{}: dropped: {}", context == null ? "a connection" : context.channel(), why);
        if (context != null) {
            context.close();
        }
    }

    /** Says good-bye, when nothing is in flight. */
    void leave() {
        ChannelHandlerContext to = context;
        if (to != null && !lost) {
            boolean extended = agreement.replies() == Replies.EXTENDED;
            ByteBuf head = to.alloc().buffer(Request.bytes(extended));
            new Request(0, Command.DISC.code(), ++cookie, 0, 0).encode(head, extended);
            to.writeAndFlush(head).addListener(sent -> to.close());
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        ReceiveBuffers.serve(added.channel(), decoder);
    }

    @Override
    public void channelRead(ChannelHandlerContext in, Object message) {
        ReplyDecoder.Nonsense nonsense = null;
        try {
            if (message instanceof ByteBuf bytes && !lost) {
                decoder.decode(bytes);
            }
        } catch (ReplyDecoder.Nonsense found) {
            nonsense = found;
        } finally {
            ReferenceCountUtil.release(
                    message); // perhaps a part of the memory of those who are told of their answers now
            tellAnswered();
        }
        if (nonsense != null) {
            drop("the server sends " + nonsense.getMessage());
            refuse(decoder.current(), nonsense);
            channelInactive(in); // nothing of it is believed from here on
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext in) {
        if (lost) {
            return;
        }
        lost = true;
        decoder.release();
        List.copyOf(sending).forEach(this::tell); // before the loss, as their answers came before it
        sending.clear();
        List<ClientRequest> requests = new ArrayList<>(inFlight.values());
        inFlight.clear();
        if (link != null) {
            link.lost(this, requests);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext in, Throwable cause) {
        LOG.debug("{}: {}", in.channel(), "" + cause);
        in.close();
    }

    // Who got the nonsense has failed; asked again, it might get the same, or what only looks like sense.
    private void refuse(@Nullable ClientRequest victim, ReplyDecoder.Nonsense why) {
        if (victim != null && inFlight.remove(victim.cookie) != null && link != null) {
            link.failed(victim, "the server sends " + why.getMessage());
        }
    }

    private void answered(ClientRequest request) {
        inFlight.remove(request.cookie);
        answered.add(request);
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

    private void payloadLeft(ClientRequest request) {
        if (--request.payloadsHeld == 0 && sending.remove(request)) {
            tell(request);
        }
    }

    private void tell(ClientRequest request) {
        if (link != null) {
            link.answered(this, request);
        }
    }
}
