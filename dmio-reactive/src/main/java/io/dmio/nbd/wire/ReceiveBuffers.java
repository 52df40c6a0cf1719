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
 * Chooses the memory that a socket is read into: the pages of a write, or of a read whose data is coming, if somebody waits to have them
 * filled; a buffer as large as a head, if data is likely to follow the head; else a buffer of the size that came lately. So large data is
 * copied once, by the kernel. For one socket, on its event loop.
 */
public final class ReceiveBuffers implements RecvByteBufAllocator {

    private static final int USUAL_BYTES_MIN = 16 << 10; // several small writes, so that they seldom fill it
    private static final int USUAL_BYTES_MAX = 64 << 10;
    private static final int CALLS_MAX = 16; // then others on the loop get their turn

    private final RecvByteBufAllocator usual =
            new AdaptiveRecvByteBufAllocator(USUAL_BYTES_MIN, USUAL_BYTES_MIN, USUAL_BYTES_MAX);
    private @Nullable Reader reader; // none during a handshake, and none if what comes is encrypted

    /** The reader of what is received. */
    public interface Reader {

        /** Returns memory for what comes next, if that is worth it: an empty buffer to fill, owned by the caller; else null. */
        @Nullable
        ByteBuf room();

        /** Returns how many bytes of a head come before data that is worth it; 0 if no such data is expected. */
        int headBytes();

        /** Returns whether more bytes would be of use now. */
        boolean wantsMore();
    }

    private ReceiveBuffers() {}

    /** Installs them in a channel. To be called before its first byte: the channel asks for its allocator once, and keeps it. */
    public static void install(Channel channel) {
        channel.config().setRecvByteBufAllocator(new ReceiveBuffers());
    }

    /** Lets a reader say what is wanted from now on, unless what comes is encrypted, and so in another form. */
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

    /** Delegates everything but two methods; channels need this interface, which Netty's delegate does not have. */
    @SuppressWarnings("deprecation")
    private final class Choosing implements ExtendedHandle {

        private final ExtendedHandle next;
        private boolean isLarge; // whether large data was asked for by the last read
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

        // Netty's own stops after one call if reads are asked for one by one, and then waits to be told that there is
        // more. That suits small requests, whose answers are sent meanwhile.
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
