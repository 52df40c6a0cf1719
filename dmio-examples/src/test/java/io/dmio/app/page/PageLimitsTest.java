package io.dmio.app.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much of anything, and how long, the page lets anybody have. */
class PageLimitsTest extends PageRequests {

    @Test
    void aBodyThatIsTooLongIsNotReadIntoMemory() throws IOException {
        String head =
                "POST /v1/pause HTTP/1.1\r\n" + mine() + "\r\n" + KNOWN + "\r\nContent-Type: application/json\r\n";
        assertThat(code(told(head + "Content-Length: 70000\r\n\r\n" + " ".repeat(70_000))))
                .isEqualTo(413);
        String chunk = "4000\r\n" + " ".repeat(0x4000) + "\r\n";
        try (Socket socket = connected()) {
            OutputStream out = socket.getOutputStream();
            out.write((head + "Transfer-Encoding: chunked\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
            for (int i = 0; i < 5; i++) {
                out.write(chunk.getBytes(StandardCharsets.ISO_8859_1));
            }
            assertThat(firstLine(socket.getInputStream())).contains(" 413 ");
        }
        assertThat(code(ask("GET /v1/status", mine(), KNOWN, "X: " + "x".repeat(20_000))))
                .isIn(413, 431);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET / HTTP/1.1\r\nHos"})
    void whoDoesNotComeToTheEndOfARequestIsNotWaitedFor(String begun) throws IOException {
        try (PageEndpoint hasty = endpoint(HASTY);
                Socket socket =
                        new Socket(InetAddress.getLoopbackAddress(), hasty.uri().getPort())) {
            socket.setSoTimeout(SILENCE_MILLIS);
            socket.getOutputStream().write(begun.getBytes(StandardCharsets.ISO_8859_1));
            assertThat(socket.getInputStream().read())
                    .as("the end of the connection")
                    .isEqualTo(-1);
        }
    }

    @Test
    void whoDoesNotComeToTheEndOfABodyIsNotWaitedFor() throws IOException {
        try (PageEndpoint hasty = endpoint(HASTY);
                Socket socket =
                        new Socket(InetAddress.getLoopbackAddress(), hasty.uri().getPort())) {
            socket.setSoTimeout(SILENCE_MILLIS);
            String begun = "POST /v1/pause HTTP/1.1\r\nHost: localhost\r\n" + KNOWN
                    + "\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{";
            socket.getOutputStream().write(begun.getBytes(StandardCharsets.ISO_8859_1));
            String told = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(told).as("all until the connection is closed").doesNotContain(" 200 ");
        }
    }

    @Test
    void nobodyTakesMoreConnectionsThanThereAre() throws IOException {
        List<Socket> held = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS_MAX; i++) {
                Socket one = connected();
                one.getOutputStream().write("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.ISO_8859_1));
                held.add(one);
            }
            held.add(connected());
            assertThat(held.get(0).getInputStream().read())
                    .as("for one more, the one that waited longest is closed")
                    .isEqualTo(-1);
        } finally {
            for (Socket one : held) {
                one.close();
            }
        }
        assertThat(held).hasSize(CONNECTIONS_MAX + 1);
    }
}
