package io.dmio.app.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

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

    private static Socket asking(HttpEndpoint endpoint) throws IOException {
        Socket guest =
                new Socket(InetAddress.getLoopbackAddress(), endpoint.address().getPort());
        guest.setSoTimeout(30_000);
        guest.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return guest;
    }
}
