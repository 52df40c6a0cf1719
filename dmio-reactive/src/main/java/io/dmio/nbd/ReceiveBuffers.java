package io.dmio.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.UncheckedBooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a socket is read into: memory that somebody waits to have filled, the pages of a write or of a read whose data is coming;
 * else a buffer of the size that lately came. So large data is copied once, by the kernel.
 */
final class ReceiveBuffers implements RecvByteBufAllocator {

    private final RecvByteBufAllocator usual = new AdaptiveRecvByteBufAllocator();
    private final Supplier<@Nullable ByteBuf> wanted;

    /** Has a channel use them, unless what it receives is encrypted and comes in another form. */
    static void install(Channel channel, Supplier<@Nullable ByteBuf> wanted) {
        if (channel.pipeline().get(SslHandler.class) == null) {
            channel.config().setRecvByteBufAllocator(new ReceiveBuffers(wanted));
        }
    }

    /**
     * For one channel.
     *
     * @param wanted empty memory to be filled, the channel's from then on, or null; asked on the event loop
     */
    private ReceiveBuffers(Supplier<@Nullable ByteBuf> wanted) {
        this.wanted = wanted;
    }

    @Override
    @SuppressWarnings("deprecation") // Netty's name for it, and what channels ask for
    public Handle newHandle() {
        return new Choosing((ExtendedHandle) usual.newHandle());
    }

    /** Delegates all but one method; channels want this interface, and Netty's delegate does not have it. */
    @SuppressWarnings("deprecation")
    private final class Choosing implements ExtendedHandle {

        private final ExtendedHandle next;

        Choosing(ExtendedHandle next) {
            this.next = next;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            ByteBuf mine = wanted.get();
            return mine == null ? next.allocate(allocator) : mine;
        }

        @Override
        public int guess() {
            return next.guess();
        }

        @Override
        public void reset(ChannelConfig config) {
            next.reset(config);
        }

        @Override
        public void incMessagesRead(int count) {
            next.incMessagesRead(count);
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
        public boolean continueReading() {
            return next.continueReading();
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
            return next.continueReading(maybeMore);
        }

        @Override
        public void readComplete() {
            next.readComplete();
        }
    }
}
