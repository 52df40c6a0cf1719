package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.device.MemoryDevice;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.Wire;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.test.util.RaceTestUtils;
import reactor.util.retry.Retry;

/** A server that is started is had by somebody, or leaves its port. */
class ServerHandoverTest {

    private static final int ROUNDS = 20;
    private static final Duration PATIENCE = NbdTestServer.PATIENCE;
    private static final NbdOptions ONE =
            NbdOptions.DEFAULT.withConnectionsMax(1).withTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(2));

    private final MemoryDevice disk = MemoryDevice.of("disk", 8);

    @Test
    void aStartThatMeetsACancelLeavesThePort() {
        NbdServer first = NbdTestServer.started(builder(0));
        int port = ((InetSocketAddress) first.address()).getPort();
        first.close().block(PATIENCE);
        for (int round = 0; round < ROUNDS; round++) {
            Disposable starting = builder(port)
                    .start()
                    .onErrorComplete() // the one of the round before is on its way out
                    .subscribe(server -> server.close().subscribe());
            int spins = round * 200;
            RaceTestUtils.race(starting::dispose, () -> {
                for (int i = 0; i < spins; i++) {
                    Thread.onSpinWait();
                }
            });
        }
        NbdServer last = builder(port)
                .start()
                .retryWhen(Retry.fixedDelay(1000, Duration.ofMillis(20)))
                .blockOptional(PATIENCE)
                .orElseThrow();
        last.close().block(PATIENCE);
        disk.close().block(PATIENCE);
    }

    @Test
    void aStartMakesAServerOfItsOwnEachTime() {
        Mono<NbdServer> start = builder(0).start();
        NbdServer first = start.blockOptional(PATIENCE).orElseThrow();
        NbdServer second = start.blockOptional(PATIENCE).orElseThrow();
        assertThat(second.address()).isNotEqualTo(first.address());
        NbdDevice there =
                NbdDevice.open(second.uri("disk"), ONE).blockOptional(PATIENCE).orElseThrow();
        first.close().block(PATIENCE);
        there.submit(new BlockOp.WriteZeroes(0, 8)).block(PATIENCE);
        NbdDevice later =
                NbdDevice.open(second.uri("disk"), ONE).blockOptional(PATIENCE).orElseThrow();
        later.submit(new BlockOp.WriteZeroes(0, 8)).block(PATIENCE);
        assertThat(second.connectionCount()).isEqualTo(2);
        there.close().block(PATIENCE);
        later.close().block(PATIENCE);
        second.close().block(PATIENCE);
        disk.close().block(PATIENCE);
    }

    @Test
    void aCloseWaitsForNobodyWhoHasNotAgreed() {
        NbdServer server = builder(0)
                .connectionsMax(1)
                .handshakeTimeout(Duration.ofDays(1))
                .shutdownTimeout(Duration.ofDays(1))
                .start()
                .blockOptional(PATIENCE)
                .orElseThrow();
        try (RawClient silent = RawClient.silent(server);
                RawClient inside = RawClient.inside(server, ReplyFormat.SIMPLE, "disk");
                RawClient waiting = RawClient.greeted(server).ask("disk")) {
            silent.hex(Wire.GREETING_BYTES);
            inside.request(Command.FLUSH, 0, 0, 0);
            server.close().block(PATIENCE);
            assertThat(inside.take(16)).hasSize(16);
            assertThat(silent.isClosed()).isTrue();
            assertThat(waiting.isClosed()).isTrue();
        }
        disk.close().block(PATIENCE);
    }

    private NbdServer.Builder builder(int port) {
        return NbdServer.builder()
                .bind("127.0.0.1", port)
                .shutdownTimeout(Duration.ofSeconds(1))
                .export(NbdExport.of("disk", disk));
    }
}
