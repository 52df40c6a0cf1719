package io.dmio.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.device.MemoryDevice;
import io.dmio.harness.ChildJvm;
import io.dmio.nbd.NbdDevice;
import io.dmio.nbd.NbdExport;
import io.dmio.nbd.NbdServer;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** Where a server's unix socket may go, and what becomes of what is there. */
class UnixSocketTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    private Path directory;

    private final MemoryDevice device = MemoryDevice.of("memory", 2048);

    @AfterEach
    void close() {
        device.close().block(PATIENCE);
    }

    @Test
    void onlyASocketThatNobodyListensOnIsReplaced() throws IOException, InterruptedException {
        Path fifo = directory.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();
        refused(fifo, Errno.EEXIST);
        refused(Files.writeString(directory.resolve("file"), "kept"), Errno.EEXIST);
        refused(Files.createSymbolicLink(directory.resolve("link"), Path.of("/dev/null")), Errno.EEXIST);
        refused(Path.of("/dev/null"), Errno.EEXIST);
        assertThat(Files.exists(Path.of("/dev/null"), LinkOption.NOFOLLOW_LINKS))
                .isTrue();
        assertThat(directory.resolve("file")).hasContent("kept");
        Path dead = directory.resolve("dead");
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(dead));
            refused(dead, Errno.EEXIST);
        }
        assertThat(dead).exists();
        serve(dead).close().block(PATIENCE);
        assertThat(dead).doesNotExist();
    }

    @Test
    void aDatagramSocketIsSomebodys() throws IOException, InterruptedException {
        Path datagrams = directory.resolve("datagrams");
        Process other = new ProcessBuilder(
                        "python3",
                        "-c",
                        "import socket,sys; s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM); s.bind(sys.argv[1]);"
                                + " print('bound',flush=True); sys.stdin.read()",
                        datagrams.toString())
                .start();
        try {
            assertThat(other.inputReader().readLine()).isEqualTo("bound");
            refused(datagrams, Errno.EEXIST);
        } finally {
            other.destroy();
            other.waitFor();
        }
    }

    @Test
    void ofTwoServersInOnePlaceOneIsRefusedAndTheOtherServes() {
        Path path = directory.resolve("socket");
        NbdServer first = serve(path);
        refused(path, Errno.EBUSY);
        open(path).close().block(PATIENCE);
        first.close().block(PATIENCE);
        NbdServer next = serve(path);
        first.close().block(PATIENCE); // once more, and it takes nothing away
        open(path).close().block(PATIENCE);
        next.close().block(PATIENCE);
    }

    @Test
    void aFileOfSomebodysInThePlaceOfTheLockIsLeftAsItIs() throws IOException {
        Path path = directory.resolve("socket");
        Path theirs = Files.writeString(directory.resolve("socket.lock"), "kept");
        refused(path, Errno.EEXIST);
        assertThat(theirs).hasContent("kept");
        Files.delete(theirs);
        Path behind = Files.createFile(directory.resolve("behind"));
        Files.createSymbolicLink(theirs, behind);
        refused(path, Errno.EIO);
        assertThat(behind).isEmptyFile();
    }

    @Test
    void whatAServerLeftThatWasKilledAsItMadeItsSocketGoesWithTheNextOne() throws IOException, InterruptedException {
        Path path = directory.resolve("socket");
        Process killed = new ProcessBuilder(ChildJvm.command(ToBeKilled.class, path.toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(killed.inputReader().readLine()).isEqualTo("bound");
        } finally {
            killed.destroyForcibly().waitFor();
        }
        assertThat(directory).isNotEmptyDirectory();
        assertThat(path).doesNotExist();
        serve(path).close().block(PATIENCE);
        assertThat(directory).isEmptyDirectory();
    }

    /** A server up to the moment before its socket is at its place. */
    static final class ToBeKilled {
        public static void main(String[] args) throws IOException {
            UnixSocket place = UnixSocket.at(Path.of(args[0]));
            try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                socket.bind(UnixDomainSocketAddress.of(place.bound()));
                System.out.println("bound");
                System.in.read();
            }
        }
    }

    @Test
    void aPathIsAsLongAsClientsCanNameOrRefused() throws IOException {
        int room = 106 - directory.toString().length() - 1;
        Path longest = directory.resolve("s".repeat(room));
        NbdServer server = serve(longest);
        open(longest).close().block(PATIENCE);
        server.close().block(PATIENCE);
        Path folder = Files.createDirectory(directory.resolve("f".repeat(room - 2)));
        NbdServer deep = serve(folder.resolve("s")); // the directory in which it is made is longer still
        open(folder.resolve("s")).close().block(PATIENCE);
        deep.close().block(PATIENCE);
        refused(directory.resolve("s".repeat(room + 1)), Errno.ENAMETOOLONG);
        refused(directory.resolve("missing").resolve("s"), Errno.ENOENT);
        try (Stream<Path> left = Files.walk(directory)) {
            assertThat(left.filter(path -> !Files.isDirectory(path))).isEmpty();
        }
    }

    private NbdServer serve(Path path) {
        return Objects.requireNonNull(start(path).block(PATIENCE));
    }

    private Mono<NbdServer> start(Path path) {
        return NbdServer.builder()
                .bind(path)
                .shutdownTimeout(Duration.ofSeconds(5))
                .export(NbdExport.of("", device))
                .start();
    }

    private static NbdDevice open(Path path) {
        return Objects.requireNonNull(
                NbdDevice.open("nbd+unix:///?socket=" + path).block(PATIENCE));
    }

    private void refused(Path path, Errno errno) {
        assertThatThrownBy(() -> start(path).block(PATIENCE))
                .isInstanceOfSatisfying(
                        DeviceException.class,
                        refusal -> assertThat(refusal.errno()).isEqualTo(errno))
                .hasMessageContaining(path.toString());
    }
}
