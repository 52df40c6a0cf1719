package io.dmio.nbd.client;

import io.dmio.DeviceGate;
import io.dmio.harness.HandLoop;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.RequestHeader;
import io.dmio.nbd.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.GenericFutureListener;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A server that answers when it is told to, over connections that are none: what a client flushes is there at once. All on one
 * event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // it is what its caller gets
final class PlayedServer extends Connector {

    private static final ClientTerms AGREEMENT = new ClientTerms(
            8 << 10, Wire.HAS_FLAGS | Wire.SEND_FLUSH | Wire.CAN_MULTI_CONN, 1, 1 << 20, ReplyFormat.SIMPLE, -1, null);
    private static final ByteBufAllocator HEADS = new UnpooledByteBufAllocator(false, true); // nobody looks for leaks

    private final HandLoop loop;
    private final Deque<Asked> asked = new ArrayDeque<>();
    private final List<Line> lines = new ArrayList<>(); // that are not lost
    private int places;

    /** A request that waits for its answer. */
    private record Asked(Line by, RequestHeader request) {}

    PlayedServer(HandLoop loop, LinkOptions options) {
        super(new Remote("played", 1, Optional.empty(), "", false, "nbd://played"), options, new DeviceGate(() -> {}));
        this.loop = loop;
    }

    static ClientTerms agreement() {
        return AGREEMENT;
    }

    @Override
    public Mono<ClientConnection> connect(EventLoop on, int place) {
        return Mono.fromSupplier(this::connection);
    }

    /** A new connection. */
    ClientConnection connection() {
        Line line = new Line();
        line.client.handlerAdded(line.context);
        lines.add(line);
        return line.client;
    }

    /** Answers the request that waits longest, or the one that came last, with an error or with 0; false if none waits. */
    boolean answer(boolean last, int error) {
        Asked next = last ? asked.pollLast() : asked.pollFirst();
        if (next != null) {
            loop.as(() -> next.by.answer(next.request, error));
        }
        return next != null;
    }

    /** Loses the oldest connection and what it asked; false if there is none. */
    boolean lose() {
        if (lines.isEmpty()) {
            return false;
        }
        loop.as(lines.get(0)::end);
        return true;
    }

    /** How many connections there are. */
    int lines() {
        return lines.size();
    }

    /** Whether a client waits for anything. */
    boolean isAwaited() {
        return lines.stream().anyMatch(line -> line.client.inFlightCount() > 0);
    }

    /** One connection, as its client sees it. */
    private final class Line {
        final ClientConnection client = new ClientConnection(AGREEMENT, places++);
        final ChannelHandlerContext context = played(ChannelHandlerContext.class, this::called);
        private final Channel channel = played(
                Channel.class, (proxy, method, arguments) -> method.getName().equals("unsafe") ? UNSAFE : CONFIG);
        private final List<RequestHeader> written = new ArrayList<>();

        private @Nullable Object called(Object proxy, Method method, Object[] arguments) {
            return switch (method.getName()) {
                case "alloc" -> HEADS;
                case "executor" -> loop;
                case "channel" -> channel;
                case "write" -> write((ByteBuf) arguments[0]);
                case "writeAndFlush" -> farewell((ByteBuf) arguments[0]);
                case "flush" -> flush();
                case "close" -> close();
                default -> null; // promises, that nobody looks at
            };
        }

        private @Nullable Object write(ByteBuf bytes) {
            if (bytes.readableBytes() == Wire.REQUEST_BYTES) { // else what a write brings
                RequestHeader request = RequestHeader.decode(bytes, false);
                if (request != null) {
                    written.add(request);
                }
            }
            bytes.release();
            return SENT;
        }

        private @Nullable Object farewell(ByteBuf bytes) {
            bytes.release();
            return SENT;
        }

        private @Nullable Object flush() {
            written.forEach(request -> asked.add(new Asked(this, request)));
            written.clear();
            return null;
        }

        private @Nullable Object close() {
            loop.execute(this::end);
            return null;
        }

        private void end() {
            if (lines.remove(this)) {
                asked.removeIf(one -> one.by == this);
                closed(client, context);
            }
        }

        private void answer(RequestHeader request, int error) {
            ByteBuf reply = Unpooled.buffer();
            reply.writeInt(Wire.SIMPLE_REPLY_MAGIC).writeInt(error).writeLong(request.cookie());
            if (error == 0 && request.code() == Command.READ.code()) {
                reply.writeZero((int) request.length());
            }
            client.channelRead(context, reply);
        }
    }

    @SuppressWarnings("unchecked")
    private static @Nullable Object sent(Object future, Method method, Object[] arguments) throws Exception {
        if (method.getName().equals("addListener")) {
            ((GenericFutureListener<ChannelFuture>) arguments[0]).operationComplete((ChannelFuture) future);
            return future;
        }
        return null; // no cause
    }

    private static void closed(ClientConnection client, ChannelHandlerContext context) {
        try {
            client.userEventTriggered(context, ChannelInputShutdownEvent.INSTANCE);
        } catch (Exception passedOn) {
            throw new IllegalStateException(passedOn);
        }
        client.channelInactive(context);
    }

    private static final ChannelFuture SENT = played(ChannelFuture.class, PlayedServer::sent);

    private static final Channel.Unsafe UNSAFE = played(Channel.Unsafe.class, (proxy, method, arguments) -> null);

    private static final ChannelConfig CONFIG = played(ChannelConfig.class, (proxy, method, arguments) -> null);

    @SuppressWarnings("ReferenceEquality") // as Object has it
    private static <T> T played(Class<T> type, InvocationHandler handler) {
        InvocationHandler all = (proxy, method, arguments) -> switch (method.getName()) {
            case "equals" -> proxy == arguments[0];
            case "hashCode" -> 0;
            case "toString" -> "played";
            default -> handler.invoke(proxy, method, arguments);
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, all));
    }
}
