package io.dmio.nbd;

import io.dmio.engine.EventLoops;
import io.dmio.engine.UringHere;
import java.time.Duration;
import java.util.Objects;

/** A server for a try block. */
public record NbdTestServer(NbdServer server) implements AutoCloseable {

    public static final Duration PATIENCE = Duration.ofMinutes(3);

    /** On the event loops of the engine that has rings; skips the test where there is none. */
    public static NbdServer.Builder onRings() {
        return NbdServer.builder().eventLoops(EventLoops.of(UringHere.shared()).orElseThrow());
    }

    /** On any free port of the loopback. */
    public static NbdTestServer of(NbdServer.Builder builder) {
        return new NbdTestServer(started(builder.bind("127.0.0.1", 0).shutdownTimeout(Duration.ofSeconds(5))));
    }

    /** A server that listens; whoever starts it closes it. */
    static NbdServer started(NbdServer.Builder builder) {
        return Objects.requireNonNull(builder.start().block(PATIENCE));
    }

    @Override
    public void close() {
        server.close().block(PATIENCE);
    }
}
