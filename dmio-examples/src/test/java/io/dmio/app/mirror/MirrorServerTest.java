package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.dmio.app.AppProcess;
import io.dmio.app.OwnThread;
import io.dmio.app.control.RunDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** How commands find servers, where some hang or die. */
class MirrorServerTest {

    @TempDir
    private Path temporary;

    private RunDirectory directory = new RunDirectory(Path.of(""), true);

    @BeforeEach
    void make() {
        directory = new RunDirectory(temporary.resolve("run"), true);
        directory.make();
    }

    @Test
    void allAreAskedAtOnceSoThatOneWhichHangsHoldsUpNobody() throws Exception {
        try (ServerSocketChannel first = listen(1);
                ServerSocketChannel second = listen(2)) {
            CompletableFuture<SocketChannel> one = OwnThread.call(() -> asked(first));
            CompletableFuture<Boolean> both = OwnThread.call(() -> {
                try (SocketChannel last = asked(second);
                        SocketChannel hangs = one.join()) {
                    return last.isOpen() && isWaitedFor(hangs);
                } catch (IOException failed) {
                    throw new UncheckedIOException(failed);
                }
            });
            assertThat(MirrorServer.all(directory)).isEmpty();
            assertThat(both.join())
                    .as("the first was still waited for when the second was asked")
                    .isTrue();
        }
    }

    @Test
    void oneThatDoesNotAnswerIsTold() throws IOException {
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        Logger log = (Logger) LoggerFactory.getLogger("io.dmio.app.mirror");
        lines.start();
        log.addAppender(lines);
        try (ServerSocketChannel silent = listen(1)) {
            assertThat(MirrorServer.all(directory, Duration.ofMillis(1))).isEmpty();
            assertThat(silent.isOpen()).isTrue();
            assertThat(lines.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .singleElement()
                    .asString()
                    .endsWith(".sock: a server listens there and has not answered within 0 s, so it was not asked");
        } finally {
            log.detachAppender(lines);
        }
    }

    @Test
    void oneThatDiesAsItIsAskedLeavesNothingInTheLog() throws Exception {
        try (ServerSocketChannel dies = listen(1)) {
            CompletableFuture<Void> died = OwnThread.run(() -> {
                try (SocketChannel asked = asked(dies)) { // with most of the request unread: a reset
                    assertThat(asked.isOpen()).isTrue();
                } catch (IOException failed) {
                    throw new UncheckedIOException(failed);
                }
            });
            Process command = AppProcess.of(
                            "mirror", "status", "--run-dir", directory.path().toString(), "--name", "store")
                    .start();
            String said = new String(command.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(command.waitFor()).isOne();
            died.join();
            assertThat(said).hasLineCount(1).contains("no mirror of that name or UUID runs here");
        }
    }

    private ServerSocketChannel listen(int mirror) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        return server.bind(UnixDomainSocketAddress.of(directory.socket(new UUID(0, mirror))));
    }

    /** The first connection on which something is asked, and not only looked whether somebody listens. */
    private static SocketChannel asked(ServerSocketChannel server) {
        try {
            while (true) {
                SocketChannel connection = server.accept();
                if (connection.read(ByteBuffer.allocate(1)) > 0) {
                    return connection;
                }
                connection.close();
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static boolean isWaitedFor(SocketChannel connection) throws IOException {
        connection.configureBlocking(false);
        ByteBuffer rest = ByteBuffer.allocate(1 << 16);
        int read = connection.read(rest);
        while (read > 0) {
            rest.clear();
            read = connection.read(rest);
        }
        return read == 0;
    }
}
