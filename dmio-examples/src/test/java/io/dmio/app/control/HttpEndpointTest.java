package io.dmio.app.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.cli.Console;
import io.dmio.app.cli.ServerLog;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What becomes of guests that take and do not give. */
class HttpEndpointTest {

    private static final int PIECE_BYTES = 1 << 16;
    private static final long HELD_BYTES_MAX =
            64 << 20; // in the kernel's buffers, of both ends, and on the way to them

    private static InetSocketAddress anywhere() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    @Test
    void whoNeverTakesAnAnswerIsNotWaitedForAndWhatItDoesNotTakeIsNotMade() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        AtomicLong made = new AtomicLong();
        Flux<ByteBuf> endless = Flux.<ByteBuf>generate(sink -> {
                    made.addAndGet(PIECE_BYTES);
                    sink.next(Unpooled.wrappedBuffer(new byte[PIECE_BYTES]));
                })
                .doFinally(end -> over.countDown());
        HttpEndpoint.Limits hasty =
                new HttpEndpoint.Limits(1, Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofMillis(300));
        try (HttpEndpoint endpoint = HttpEndpoint.start(
                        "guests",
                        anywhere(),
                        hasty,
                        server -> server.handle((asked, answer) -> answer.send(endless, each -> true)));
                Socket guest = asking(endpoint)) {
            assertThat(over.await(60, TimeUnit.SECONDS))
                    .as("the connection is closed")
                    .isTrue();
            assertThat(made.get()).isLessThan(HELD_BYTES_MAX);
            assertThat(guest.isClosed()).isFalse();
            try (Socket next = asking(endpoint)) {
                assertThat(next.getInputStream().read()).as("its place is free").isEqualTo('H');
            }
        }
    }

    /** What a server logs while guests are there whose request is a line, and that leave by a reset, as when they are killed. */
    private static String loggedOf(String request, String lastOfAnswer, int guests) throws Exception {
        ByteArrayOutputStream logged = new ByteArrayOutputStream();
        Console console = Console.plain(InputStream.nullInputStream(), OutputStream.nullOutputStream(), logged);
        Flux<Map<String, Object>> events =
                Flux.just(Map.<String, Object>of("id", "last")).concatWith(Flux.never());
        List<Route> routes = List.of(
                Route.events("/events", call -> events),
                Route.post("/change", call -> Mono.just(Map.of("id", "last"))));
        HttpEndpoint.Limits hasty =
                new HttpEndpoint.Limits(guests, Duration.ofMinutes(1), Duration.ofMillis(100), Duration.ofMinutes(1));
        try (ServerLog log = ServerLog.start(false, console);
                HttpEndpoint endpoint = HttpEndpoint.start(
                        "guests", anywhere(), hasty, server -> server.handle(new Answers(routes, hasty)))) {
            assertThat(log).isNotNull();
            for (int i = 0; i < guests; i++) {
                Socket guest = asking(endpoint, request);
                StringBuilder answer = new StringBuilder();
                while (answer.indexOf(lastOfAnswer) < 0) {
                    int next = guest.getInputStream().read();
                    assertThat(next).as("after %s", answer).isNotEqualTo(-1);
                    answer.append((char) next);
                }
                guest.setSoLinger(true, 0);
                guest.close();
            }
        }
        return logged.toString(StandardCharsets.UTF_8);
    }

    @Test
    void guestsThatFollowEventsAndLeaveAreNotInTheLog() throws Exception {
        assertThat(loggedOf("GET /events HTTP/1.1\r\nHost: x\r\n\r\n", "\"last\"}\n\r\n", 32))
                .isEmpty();
    }

    @Test
    void bodiesThatDoNotComeInTimeAreNotInTheLog() throws Exception {
        assertThat(loggedOf("POST /change HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{", "\"exit\":1}", 4))
                .isEmpty();
    }

    @Test
    void aBodyThatIsNoUtf8IsRefusedInsteadOfTakenForAnother() throws Exception {
        String request = "POST /change HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{\"a\":\"\u00e9\"}";
        assertThat(loggedOf(request, "the body is no text in UTF-8\",\"exit\":1}", 1))
                .isEmpty();
    }

    @Test
    void anEventToFollowFromThatIsNoTextIsRefused() throws Exception {
        HttpEndpoint.Limits usual =
                new HttpEndpoint.Limits(4, Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofMinutes(1));
        List<Route> routes = List.of(Route.events("/events", call -> Flux.never()));
        try (HttpEndpoint endpoint = HttpEndpoint.start(
                        "guests", anywhere(), usual, server -> server.handle(new Answers(routes, usual)));
                Socket guest = asking(endpoint, "GET /events?after=%zz HTTP/1.1\r\nHost: x\r\n\r\n")) {
            byte[] begin = guest.getInputStream().readNBytes("HTTP/1.1 400".length());
            assertThat(new String(begin, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 400");
        }
    }

    private static Socket asking(HttpEndpoint endpoint) throws IOException {
        return asking(endpoint, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    }

    private static Socket asking(HttpEndpoint endpoint, String request) throws IOException {
        Socket guest =
                new Socket(InetAddress.getLoopbackAddress(), endpoint.address().getPort());
        guest.setSoTimeout(30_000);
        guest.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        return guest;
    }
}
