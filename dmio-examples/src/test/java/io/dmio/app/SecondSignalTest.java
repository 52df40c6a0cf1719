package io.dmio.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.cli.ExitCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A first signal lets clients take their answers; a second one does not wait for them. */
class SecondSignalTest {

    private static final int REQUESTS = 64;
    private static final int MIB = 1 << 20;
    private static final int SIGTERM = 15;

    @TempDir
    private Path directory;

    @Test
    void aSecondSignalEndsAtOnceWhatTheFirstOneLetsRunOut() throws IOException, InterruptedException {
        Path disk = Files.write(directory.resolve("disk"), new byte[REQUESTS * MIB]);
        Path socket = directory.resolve("socket");
        Process server = AppProcess.of("serve", "--unix", socket.toString(), disk.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader said =
                        new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8));
                SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            assertThat(said.readLine()).startsWith("ready ");
            client.connect(UnixDomainSocketAddress.of(socket));
            askAndDoNotListen(client);
            server.destroy(); // SIGTERM
            while (Files.exists(socket)) { // taken away when nobody is let in any more
                assertThat(server.waitFor(1, TimeUnit.MILLISECONDS)).isFalse();
            }
            server.destroy();
            assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(server.exitValue()).isEqualTo(ExitCode.SIGNALLED + SIGTERM);
        } finally {
            server.destroyForcibly();
        }
    }

    /** Sixty-four times a MiB, more than any socket holds. */
    private static void askAndDoNotListen(SocketChannel client) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(4096);
        out.putInt(3); // fixed newstyle, no zeroes
        out.putLong(0x49484156454F5054L).putInt(1).putInt(0); // EXPORT_NAME, the default one
        for (int i = 0; i < REQUESTS; i++) {
            out.putInt(0x25609513).putInt(0).putLong(i).putLong((long) i * MIB).putInt(MIB);
        }
        out.flip();
        while (out.hasRemaining()) {
            client.write(out);
        }
        ByteBuffer first = ByteBuffer.allocate(100); // greeting, size and flags, and the head of an answer
        while (first.hasRemaining()) {
            assertThat(client.read(first)).isPositive();
        }
    }
}
