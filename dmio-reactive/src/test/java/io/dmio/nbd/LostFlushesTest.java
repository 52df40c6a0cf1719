package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.Wire;
import io.dmio.testkit.DeviceFixture;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What flushes say after a connection was lost, with whatever the server had in its cache. */
class LostFlushesTest extends DeviceFixture {

    private static final Set<Integer> NO_CHUNKS = Set.of(Wire.OPT_EXTENDED_HEADERS, Wire.OPT_STRUCTURED_REPLY);
    private static final NbdOptions QUICK =
            NbdOptions.DEFAULT.withTimeouts(Duration.ofMillis(700), Duration.ofSeconds(3));

    @Test
    void aFlushAfterALostConnectionFailsOnceIfSomethingWasNotFlushed() {
        try (ScriptedServer server = new ScriptedServer(NO_CHUNKS, (connection, request, to) -> {
            if (connection == 1 && request.command() == Command.TRIM) {
                to.close();
            } else {
                to.good(request, ReplyFormat.SIMPLE);
            }
        })) {
            NbdDevice device = open(server, QUICK);
            write(device, 0, filled(4096, 1));
            run(device, new BlockOp.Flush());
            write(device, 0, filled(4096, 1)); // answered, and not flushed
            run(device, new BlockOp.Discard(8, 8)); // the connection is lost on it
            refuses(device, new BlockOp.Flush(), Errno.EIO);
            run(device, new BlockOp.Flush());
        }
    }

    @Test
    void noFlushThatWasAskedForBeforeADoubtWasToldIsGood() {
        CountDownLatch both = new CountDownLatch(2);
        try (ScriptedServer server = new ScriptedServer(NO_CHUNKS, (connection, request, to) -> {
            if (connection > 1 || request.command() != Command.FLUSH) {
                to.good(request, ReplyFormat.SIMPLE);
            } else {
                both.countDown();
                if (both.getCount() == 0) {
                    to.close();
                }
            }
        })) {
            NbdDevice device = open(server, QUICK.withConnectionsMax(1));
            write(device, 0, filled(4096, 1));
            List<String> told = Flux.range(0, 2)
                    .flatMap(flush -> device.submit(new BlockOp.Flush())
                            .thenReturn("good")
                            .onErrorResume(
                                    DeviceException.class,
                                    failure -> Mono.just(failure.errno().toString())))
                    .collectList()
                    .block(PATIENCE);
            assertThat(told).containsExactly("EIO", "EIO");
            run(device, new BlockOp.Flush());
        }
    }

    @Test
    void aFlushAfterALostConnectionIsGoodIfNothingWasLeftUnflushed() {
        try (ScriptedServer server = new ScriptedServer(NO_CHUNKS, (connection, request, to) -> {
            if (connection == 1 && request.command() == Command.FLUSH && request.cookie() > 3) {
                to.close();
            } else {
                to.good(request, ReplyFormat.SIMPLE);
            }
        })) {
            NbdDevice device = open(server, QUICK);
            run(device, new BlockOp.Write(0, filled(4096, 1), true));
            write(device, 0, filled(4096, 1));
            run(device, new BlockOp.Flush());
            run(device, new BlockOp.Flush()); // lost, and asked again
        }
    }

    private NbdDevice open(ScriptedServer server, NbdOptions options) {
        NbdDevice device =
                Objects.requireNonNull(NbdDevice.open(server.uri(), options).block(PATIENCE));
        tracked(device);
        return device;
    }
}
