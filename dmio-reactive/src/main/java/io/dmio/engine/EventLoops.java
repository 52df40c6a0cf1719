package io.dmio.engine;

import io.netty.channel.IoEventLoopGroup;
import java.util.Objects;
import java.util.Optional;

/**
 * The event loops that drive an engine's rings. Code that runs on them, such as the sockets of a server, submits to the
 * engine's files without a switch of threads: socket and disk share a ring. Separate from {@link IoEngine}, because a caller of
 * this needs Netty's transport.
 */
public final class EventLoops {

    private EventLoops() {}

    /**
     * Returns the event loops of an engine. They end with the engine, and cannot be shut down by others, who get an
     * {@link UnsupportedOperationException}. What they run must not block.
     *
     * @param engine any
     * @return the loops; empty if this engine has threads of another kind
     */
    public static Optional<IoEventLoopGroup> of(IoEngine engine) {
        Objects.requireNonNull(engine, "engine");
        if (engine instanceof SharedEngine shared) {
            return of(shared.engine());
        }
        return engine instanceof UringEngine rings ? Optional.of(rings.loops()) : Optional.empty();
    }
}
