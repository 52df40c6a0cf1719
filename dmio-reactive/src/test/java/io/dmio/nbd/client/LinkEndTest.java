package io.dmio.nbd.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.DeviceGate;
import io.dmio.harness.HandLoop;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A link gives its loop back once: when it is closed, and nothing is under way on the loop any more. */
class LinkEndTest {

    private static final Duration TIME = Duration.ofSeconds(60);
    private static final LinkOptions OPTIONS =
            new LinkOptions(2, TIME, TIME, TIME, new LinkOptions.LossRule(true, TIME), Optional.empty());

    private final HandLoop loop = new HandLoop(null);
    private final Server server = new Server();
    private final AtomicInteger ends = new AtomicInteger();
    private final ClientLink link = new ClientLink(server, PlayedServer.agreement(), loop, ends::incrementAndGet);

    /** A server whose second connection takes its time, and whose first is there at once. */
    private final class Server extends Connector {
        private final PlayedServer played = new PlayedServer(loop, OPTIONS);
        private Sinks.@Nullable One<ClientConnection> made;

        Server() {
            super(
                    new Remote("played", 1, Optional.empty(), "", false, "nbd://played"),
                    OPTIONS,
                    new DeviceGate(() -> {}));
        }

        @Override
        public Mono<ClientConnection> connect(EventLoop on, int place) {
            Sinks.One<ClientConnection> next = Sinks.one();
            made = next;
            return next.asMono();
        }

        private Sinks.One<ClientConnection> made() {
            return Objects.requireNonNull(made);
        }

        void connects() {
            made().tryEmitValue(played.connection()).orThrow();
        }

        void refuses() {
            made().tryEmitError(new IllegalStateException("refused")).orThrow();
        }
    }

    private void start() {
        loop.as(() -> link.start(server.played.connection()));
    }

    private void turnAll() {
        while (loop.turn()) {
            // the next
        }
    }

    private void closeWhileItConnects() {
        start();
        link.close();
        turnAll();
        assertThat(server.played.lines()).isZero();
        assertThat(ends).hasValue(0);
    }

    @Test
    void notBeforeAConnectionThatIsBeingMadeIsThere() {
        closeWhileItConnects();

        loop.as(server::connects);
        assertThat(ends).hasValue(1);

        turnAll();
        assertThat(server.played.lines()).isZero();
        assertThat(ends).hasValue(1);
    }

    @Test
    void notBeforeAConnectionThatIsBeingMadeFailed() {
        closeWhileItConnects();

        loop.as(server::refuses);

        assertThat(ends).hasValue(1);
    }

    @Test
    void notBeforeThePauseUntilTheNextConnectionIsOver() {
        start();
        loop.as(server::refuses); // so that it waits a little
        link.close();
        turnAll();
        assertThat(server.played.lines()).isZero();
        assertThat(ends).hasValue(0);

        while (ends.get() == 0 && loop.ring()) {
            // the next timer
        }
        assertThat(ends).hasValue(1);
    }

    @Test
    void onceAllConnectionsHaveTakenTheirLeave() {
        start();
        loop.as(server::connects);
        link.close();
        assertThat(ends).hasValue(0);

        turnAll();

        assertThat(server.played.lines()).isZero();
        assertThat(ends).hasValue(1);
        while (loop.ring()) {
            // the last look
        }
        assertThat(ends).hasValue(1);
    }
}
