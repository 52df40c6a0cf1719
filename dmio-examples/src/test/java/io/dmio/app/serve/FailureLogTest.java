package io.dmio.app.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.Errno;
import io.dmio.app.cli.Console;
import io.dmio.app.cli.ServerLog;
import io.dmio.nbd.NbdMeter;
import io.dmio.nbd.NbdMeter.Request;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a server says when a device fails what clients ask. */
class FailureLogTest {

    private final List<String> passed = new ArrayList<>();
    private long nanos;
    private final FailureLog log = new FailureLog(
            "disk.img",
            Optional.of(new NbdMeter() {
                @Override
                public void connected() {
                    passed.add("connected");
                }

                @Override
                public void disconnected() {
                    passed.add("disconnected");
                }

                @Override
                public void ended(Request request, long bytes, long time, Optional<Errno> errno) {
                    passed.add(request + " " + bytes + " " + time
                            + errno.map(code -> " " + code).orElse(""));
                }
            }),
            () -> nanos);

    private List<String> logged(Runnable work) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = Console.plain(new ByteArrayInputStream(new byte[0]), new ByteArrayOutputStream(), err);
        try (ServerLog open = ServerLog.start(false, console)) {
            assertThat(open).isNotNull();
            work.run();
        }
        return err.toString(StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.substring(line.indexOf(' ') + 1))
                .toList();
    }

    private void fails(Request request, Errno errno) {
        log.ended(request, 512, 10, Optional.of(errno));
    }

    @Test
    void eachKindOfFailureHasALineAMinuteThatCountsTheOthers() {
        List<String> lines = logged(() -> {
            for (int i = 0; i < 5; i++) {
                fails(Request.WRITE, Errno.EIO);
            }
            fails(Request.READ, Errno.EIO);
            fails(Request.WRITE, Errno.ENOSPC);
            nanos += TimeUnit.MINUTES.toNanos(1);
            fails(Request.WRITE, Errno.EIO);
        });
        String remedy = ": look at the device, and at what the kernel says of it (dmesg)";
        assertThat(lines)
                .containsExactly(
                        "ERROR serve: disk.img failed a client's write with EIO" + remedy,
                        "ERROR serve: disk.img failed a client's read with EIO" + remedy,
                        "ERROR serve: disk.img failed a client's write with ENOSPC" + remedy,
                        "ERROR serve: disk.img failed a client's write with EIO, and 4 more since that was told last"
                                + remedy);
    }

    @Test
    void whatIsRefusedOrGoesWellIsNotLoggedAndAllOfItIsPassedOn() {
        assertThat(logged(() -> {
                    log.connected();
                    log.ended(Request.WRITE, 512, 10, Optional.empty());
                    log.ended(Request.WRITE, 512, 0, Optional.of(Errno.EPERM));
                    log.disconnected();
                }))
                .isEmpty();
        assertThat(passed).containsExactly("connected", "WRITE 512 10", "WRITE 512 0 EPERM", "disconnected");
    }
}
