package io.dmio.nbd.client;

import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.nio.channels.ClosedChannelException;

/** Tells who ended a connection: its server, by closing it; somebody on this side; or a failure on the way, from which nothing follows. */
final class WhoEnded {

    private boolean here;
    private boolean byServer;

    /** Notes that it is ended, or failed, on this side. */
    void here() {
        here = true;
    }

    boolean isHere() {
        return here;
    }

    boolean isByServer() {
        return byServer;
    }

    /** Takes an event of the channel, and returns whether it says that the server has closed. */
    boolean says(Object event) {
        boolean closed = event instanceof SslCloseCompletionEvent tls
                ? tls.isSuccess()
                : event instanceof ChannelInputShutdownEvent;
        byServer |= closed && !here;
        return closed;
    }

    /**
     * Notes that the channel is closed. If nobody on this side has closed it and nothing has failed, the server has: for Unix-domain sockets
     * of the JDK, Netty tells of that in no other way, as it closes them by itself.
     */
    void closed() {
        byServer |= !here;
    }

    /**
     * Notes that the channel fails. The failure is told by the JDK's words, as it has no types for a server that is gone. A write that finds
     * the channel closed is not a failure of its own: whatever closed the channel, or {@link #closed}, tells who has.
     */
    void failed(Throwable cause) {
        if (cause instanceof ClosedChannelException) {
            return;
        }
        String text = "" + cause.getMessage();
        byServer |= !here && (text.startsWith("Connection reset") || text.startsWith("Broken pipe"));
        here = true;
    }
}
