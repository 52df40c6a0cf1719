package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.harness.Without;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A class that cannot be loaded on the way, as in jars that do not fit each other, is an error that is told: nobody waits for ever. */
class BrokenClassesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "io.dmio.nbd.client.Connector",
                "io.dmio.nbd.client.ClientLink",
                "io.dmio.nbd.client.ClientHandshakeHandler",
                "io.dmio.nbd.client.ClientHandshake",
                "io.dmio.nbd.client.ClientConnection",
                "io.dmio.nbd.client.ReplyDecoder",
                "io.dmio.nbd.wire.ReceiveBuffers",
                "io.dmio.nbd.wire.SessionId",
                "io.dmio.nbd.server.HandshakeHandler",
                "io.dmio.nbd.server.OptionNegotiation",
                "io.dmio.nbd.server.ServerSession",
                "io.dmio.nbd.server.UnixSocket"
            })
    void openingAndServingEndInAnError(String broken) throws Exception {
        assertThat(Without.hidden(broken).call(ServeAndOpen.class)).startsWith("told");
    }

    /** A server on a unix socket, and a client that opens and reads. */
    public static final class ServeAndOpen implements Callable<String> {

        private static final Duration PATIENCE = Duration.ofSeconds(20);

        @Override
        public String call() throws Exception {
            try {
                return served();
            } catch (IllegalStateException late) {
                return ("" + late.getMessage()).startsWith("Timeout on blocking read") ? "waits" : "told " + late;
            } catch (Exception | LinkageError told) {
                return "told " + told;
            }
        }

        private static String served() throws Exception {
            NbdServer server = NbdServer.builder()
                    .bind("127.0.0.1", 0)
                    .export(NbdExport.of("disk", MemoryDevice.of("disk", 64)))
                    .start()
                    .blockOptional(PATIENCE)
                    .orElseThrow();
            try {
                NbdDevice device = NbdDevice.open(server.uri("disk").toString())
                        .blockOptional(PATIENCE)
                        .orElseThrow();
                device.close().block(PATIENCE);
                return "works";
            } finally {
                server.close().block(PATIENCE);
            }
        }
    }
}
