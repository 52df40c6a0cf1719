package io.dmio.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.OwnThread;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a server says of itself, to whoever reads it or does not. */
class ServerLogTest {

    private static final Logger LOG = LoggerFactory.getLogger("io.dmio.app.test");
    private static final int SECONDS = 180;

    private final StoppedReader reader = new StoppedReader();

    /** As a terminal after Ctrl-S, or a pipe that is full. */
    private static final class StoppedReader extends OutputStream {
        private final ByteArrayOutputStream read = new ByteArrayOutputStream();
        private final CountDownLatch isWrittenTo = new CountDownLatch(1);
        private final CountDownLatch goesOn = new CountDownLatch(1);

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            isWrittenTo.countDown();
            try {
                goesOn.await();
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
            read.write(bytes, from, count);
        }

        String text() {
            return read.toString(StandardCharsets.UTF_8);
        }
    }

    private Console console() {
        return Console.plain(new ByteArrayInputStream(new byte[0]), OutputStream.nullOutputStream(), reader);
    }

    @Test
    void whoeverLogsDoesNotWaitForTheReaderOfTheLog() throws Exception {
        int lines = 3 * LogQueue.KEPT;
        try (ServerLog log = ServerLog.start(false, console())) {
            assertThat(log).isNotNull();
            LOG.info("line 0"); // the writer holds it, and nothing else, until the reader goes on
            reader.isWrittenTo.await();
            CompletableFuture<Void> logging = OwnThread.run(() -> {
                for (int i = 1; i < lines; i++) {
                    LOG.info("line {}", i);
                }
            });
            try {
                logging.get(SECONDS, TimeUnit.SECONDS);
            } finally {
                reader.goesOn.countDown();
            }
            while (!reader.text().contains("line " + LogQueue.KEPT + "\n")) {
                Thread.onSpinWait();
            }
            LOG.warn("the last");
        }
        assertThat(reader.text()).contains("line 0\n").endsWith("test: the last\n");
        assertThat(reader.text().lines().filter(line -> line.contains("test: line ")))
                .hasSize(1 + LogQueue.KEPT);
        assertThat(reader.text())
                .contains(
                        "WARN  log: nobody took the log, and " + (lines - 1 - LogQueue.KEPT) + " lines of it are lost");
    }

    @Test
    void whatIsInTheLogAtItsEndIsWritten() {
        reader.goesOn.countDown();
        try (ServerLog log = ServerLog.start(false, console())) {
            for (int i = 0; i < 100; i++) {
                LOG.info("line {}", i);
            }
            log.json(true);
            LOG.info("the last");
        }
        assertThat(reader.text()).hasLineCount(101).contains("line 99").endsWith("\n");
    }
}
