package io.dmio.nbd.client;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tracks whether the server counts as dead: an operation has taken its whole time, and nothing was answered meanwhile. Then everything fails
 * at once, as each operation would cost its time again. Now and then a read of the first block is asked, as soon as there is a connection;
 * the first answer, to that or to anything still in flight, ends the outage. Owned by the link's event loop.
 */
final class Outage {

    private final int blockBytes;
    private long answeredNanos;
    private boolean on;
    private @Nullable ClientRequest probe; // under way

    /** Creates the object, without an outage yet. */
    Outage(int blockBytes, long nanos) {
        this.blockBytes = blockBytes;
        this.answeredNanos = nanos;
    }

    /** Called when the server has answered something. */
    void answered(long nanos) {
        answeredNanos = nanos;
        on = false;
    }

    /** Called when an operation has taken too long. */
    void timedOut(ClientRequest request) {
        on |= answeredNanos - request.startNanos < 0;
    }

    /** Returns whether a request must not be sent. */
    boolean refuses(ClientRequest request) {
        return on && request != probe;
    }

    /** Returns what is to be asked now, if the server is dead, somebody wants to know, and nothing is asked yet. */
    Optional<ClientRequest> probe(long nanos, boolean closed) {
        if (!on || closed || probe != null) {
            return Optional.empty();
        }
        ByteBuf block = Unpooled.wrappedBuffer(new byte[blockBytes]);
        probe = ClientRequest.of(new BlockOp.Read(0, block), nanos, this::ended);
        block.release(); // the probe has its own reference
        return Optional.of(probe);
    }

    private void ended(ClientRequest request, @Nullable DeviceException problem) {
        probe = null;
        if (problem != null && problem.errno() == Errno.ESTALE) {
            on = false; // it would answer: callers are to be told that it is another
        }
    }
}
