package io.dmio.nbd.client;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import java.time.Duration;

/**
 * Notes when bytes last came or went on a connection, as seen from look to look: on a slow line a request waits for earlier ones, and the
 * server is not dead while their answers come. Owned by the connection's event loop.
 */
final class Movement {

    /** How many times its own time an operation may take while others move: it may be the one that the server never does. */
    static final int PATIENCE = 10;

    private long received; // bytes
    private long seen;
    private long movedNanos;

    Movement(long nanos) {
        this.movedNanos = nanos;
    }

    void received(int bytes) {
        received += bytes;
    }

    /** Looks, and returns when the connection was last seen to move. */
    long look(Channel channel, long nanos) {
        Channel.Unsafe inside = channel.unsafe();
        ChannelOutboundBuffer unsent = inside.outboundBuffer();
        long now = received - (unsent == null ? 0 : unsent.totalPendingWriteBytes() - unsent.currentProgress());
        if (now != seen) {
            seen = now;
            movedNanos = nanos;
        }
        return movedNanos;
    }

    /** Returns whether something that began at a time takes too long, given how its connection moves. */
    static boolean isLate(long startNanos, long movedNanos, long nanos, Duration time) {
        long since = nanos - startNanos;
        long still = Math.min(since, nanos - movedNanos);
        return still > time.toNanos() || since / PATIENCE > time.toNanos();
    }
}
