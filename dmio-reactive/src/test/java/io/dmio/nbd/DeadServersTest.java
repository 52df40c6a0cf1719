package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.nbd.server.ReplyFrames;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.Wire;
import io.dmio.testkit.DeviceFixture;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.util.retry.Retry;

/** A client whose server is dead, or another one, for a while. */
class DeadServersTest extends DeviceFixture {

    private static final Set<Integer> NO_CHUNKS = Set.of(Wire.OPT_EXTENDED_HEADERS, Wire.OPT_STRUCTURED_REPLY);
    private static final NbdOptions QUICK =
            NbdOptions.DEFAULT.withTimeouts(Duration.ofMillis(700), Duration.ofSeconds(3));

    @AfterEach
    void close() {
        closeDevices();
    }

    @Test
    void aServerThatSaysNothingCostsOneTimeHoweverMuchIsAsked() {
        AtomicBoolean answers = new AtomicBoolean();
        try (ScriptedServer server = new ScriptedServer(NO_CHUNKS, (connection, request, to) -> {
            if (answers.get()) {
                to.send(frame -> {
                    new ReplyFrames(ReplyFormat.SIMPLE).done(frame, request);
                    frame.writeZero(request.code() == Command.READ.code() ? (int) request.length() : 0);
                });
            }
        })) {
            NbdDevice device = open(server);
            refuses(device, new BlockOp.Read(0, memory(4096)), Errno.EIO);
            int asked = server.requestCount();
            for (int i = 0; i < 1000; i++) { // 3,000 s if each cost its time
                refuses(device, new BlockOp.Write(8L * (i % 100), filled(4096, i), false), Errno.EIO);
            }
            assertThat(server.requestCount() - asked).isLessThan(20); // whether it lives again
            answers.set(true);
            writesInTheEnd(device);
        }
    }

    @Test
    void anExportThatOfferedLessForAWhileIsTakenBack() {
        AtomicBoolean closes = new AtomicBoolean(true);
        try (ScriptedServer server = new ScriptedServer(NO_CHUNKS, (connection, request, to) -> {
            if (closes.getAndSet(false)) {
                to.close();
            } else {
                to.good(request, ReplyFormat.SIMPLE);
            }
        })) {
            NbdDevice device = open(server);
            server.resize(2 << 20);
            refuses(device, new BlockOp.Write(0, filled(4096, 1), false), Errno.EIO);
            server.resize(1 << 20);
            writesInTheEnd(device);
        }
    }

    private void writesInTheEnd(NbdDevice device) {
        device.submit(new BlockOp.Write(0, filled(4096, 1), false))
                .retryWhen(Retry.fixedDelay(1000, Duration.ofMillis(20)))
                .block(PATIENCE);
    }

    private NbdDevice open(ScriptedServer server) {
        NbdDevice device =
                Objects.requireNonNull(NbdDevice.open(server.uri(), QUICK).block(PATIENCE));
        tracked(device);
        return device;
    }
}
