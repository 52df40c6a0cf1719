package io.dmio.nbd.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.UncheckedBooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a socket is read into: memory that somebody waits to have filled, the pages of a write or of a read whose data is coming;
 * a head's worth, where data is likely to follow a head; else a buffer of the size that lately came. So large data is copied
 * once, by the kernel. One socket, on its event loop.
 */
public final class ReceiveBuffers implements RecvByteBufAllocator {

    private static final int USUAL_BYTES_MIN = 16 << 10; // several small writes, so that they seldom fill it
    private static final int USUAL_BYTES_MAX = 64 << 10;
    private static final int CALLS_MAX = 16; // before others on the loop get their turn

    private final RecvByteBufAllocator usual =
            new AdaptiveRecvByteBufAllocator(USUAL_BYTES_MIN, USUAL_BYTES_MIN, USUAL_BYTES_MAX);
    private @Nullable Reader reader; // none during a handshake, and none where what comes is encrypted

    /** Who takes what is received. */
    public interface Reader {

        /** Memory for what comes next, if it is worth it: empty, to be filled, and the caller's; else null. */
        @Nullable
        ByteBuf room();

        /** How much of a head comes before data that is worth it; 0 if no such data is expected. */
        int headBytes();

        /** Whether more bytes would be of use now. */
        boolean wantsMore();
    }

    private ReceiveBuffers() {}

    /** Has a channel use them. Before its first byte: it asks for its allocator once, and stays with it. */
    public static void install(Channel channel) {
        channel.config().setRecvByteBufAllocator(new ReceiveBuffers());
    }

    /** From now on a reader says what is wanted, unless what comes is encrypted, and so in another form. */
    public static void serve(Channel channel, Reader reader) {
        if (channel.config().getRecvByteBufAllocator() instanceof ReceiveBuffers mine
                && channel.pipeline().get(SslHandler.class) == null) {
            mine.reader = reader;
        }
    }

    @Override
    @SuppressWarnings("deprecation") // Netty's name for it, and what channels ask for
    public Handle newHandle() {
        return new Choosing((ExtendedHandle) usual.newHandle());
    }

    /** Delegates all but two things; channels want this interface, and Netty's delegate does not have it. */
    @SuppressWarnings("deprecation")
    private final class Choosing implements ExtendedHandle {

        private final ExtendedHandle next;
        private boolean isLarge; // what was read last, by what was asked for
        private int calls;

        Choosing(ExtendedHandle next) {
            this.next = next;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            Reader now = reader;
            ByteBuf room = now == null ? null : now.room();
            int head = now == null || room != null ? 0 : now.headBytes();
            isLarge = room != null || head > 0;
            if (room != null) {
                return room;
            }
            return head > 0 ? allocator.directBuffer(head, head) : next.allocate(allocator);
        }

        // Netty's own stops after one call where reads are asked for one by one, and then waits to be told of what is
        // there. That suits small requests, whose answers are sent meanwhile.
        @Override
        public boolean continueReading() {
            Reader now = reader;
            if (now == null || !isLarge) {
                return next.continueReading();
            }
            return next.lastBytesRead() == next.attemptedBytesRead() && calls < CALLS_MAX && now.wantsMore();
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
            return continueReading();
        }

        @Override
        public void reset(ChannelConfig config) {
            calls = 0;
            next.reset(config);
        }

        @Override
        public void incMessagesRead(int count) {
            calls += count;
            next.incMessagesRead(count);
        }

        @Override
        public int guess() {
            return next.guess();
        }

        @Override
        public void lastBytesRead(int bytes) {
            next.lastBytesRead(bytes);
        }

        @Override
        public int lastBytesRead() {
            return next.lastBytesRead();
        }

        @Override
        public void attemptedBytesRead(int bytes) {
            next.attemptedBytesRead(bytes);
        }

        @Override
        public int attemptedBytesRead() {
            return next.attemptedBytesRead();
        }

        @Override
        public void readComplete() {
            next.readComplete();
        }
    }
}
