package io.dmio.nbd.client;

import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.nio.channels.ClosedChannelException;

/** Who ended a connection: its server, by closing it, or somebody here, or a failure on the way, of which nothing follows. */
final class WhoEnded {

    private boolean here;
    private boolean byServer;

    /** It is ended, or failed, on this side. */
    void here() {
        here = true;
    }

    boolean isHere() {
        return here;
    }

    boolean isByServer() {
        return byServer;
    }

    /** Takes an event of the channel, and tells whether it says that the server has closed. */
    boolean says(Object event) {
        boolean closed = event instanceof SslCloseCompletionEvent tls
                ? tls.isSuccess()
                : event instanceof ChannelInputShutdownEvent;
        byServer |= closed && !here;
        return closed;
    }

    /**
     * The channel is closed. If nobody here has done it and nothing has failed, the server has: for Unix-domain sockets of the JDK Netty
     * tells of that in no other way, as it closes them by itself.
     */
    void closed() {
        byServer |= !here;
    }

    /**
     * The channel fails. The words are the JDK's, which has no types for a server that is gone. That what was to be sent found the
     * channel closed is no failure of its own: whatever closed it, or {@link #closed}, tells who has.
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
