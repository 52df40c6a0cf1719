package io.dmio.app.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlaceLockTest {

    @TempDir
    private Path dir;

    private Path place() {
        return dir.resolve("socket");
    }

    private Path file() {
        return dir.resolve("socket.lock");
    }

    @Test
    void itsFileIsItsOwnersAloneAndGoesWithIt() throws IOException {
        for (int i = 0; i < 3; i++) {
            PlaceLock lock = PlaceLock.of(place()).orElseThrow();
            assertThat(PlaceLock.of(place())).isEmpty();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                    .isEqualTo("rw-------");
            lock.release();
            assertThat(dir).isEmptyDirectory();
            PlaceLock next = PlaceLock.of(place()).orElseThrow();
            lock.release(); // once more
            assertThat(file()).exists();
            next.release();
        }
    }

    @Test
    void anotherProcessHasItOrNot() throws Exception {
        String take = "import fcntl,sys; f=open(sys.argv[1],'a'); fcntl.lockf(f,fcntl.LOCK_EX|fcntl.LOCK_NB);"
                + " print('taken',flush=True); sys.stdin.read()";
        Process other = new ProcessBuilder("python3", "-c", take, file().toString()).start();
        try {
            assertThat(other.inputReader().readLine()).isEqualTo("taken");
            assertThat(PlaceLock.of(place())).isEmpty();
            assertThat(file()).as("of whoever has it").exists();
        } finally {
            other.destroy();
            other.waitFor();
        }
        PlaceLock lock = PlaceLock.of(place()).orElseThrow(); // what a dead one left
        assertThat(PlaceLock.of(place())).as("the first still has it").isEmpty();
        Process late = new ProcessBuilder("python3", "-c", take, file().toString())
                .redirectErrorStream(true)
                .start();
        assertThat(late.inputReader().readLine()).startsWith("Traceback");
        late.waitFor();
        lock.release();
    }

    @Test
    void aFileThatItsHolderTookAwayMeanwhileIsNoLock() throws IOException {
        try (FileChannel before = FileChannel.open(file(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            assertThat(PlaceLock.isAt(file(), before)).isTrue();
            Files.delete(file());
            assertThat(PlaceLock.isAt(file(), before)).isFalse();
            PlaceLock next = PlaceLock.of(place()).orElseThrow();
            assertThat(PlaceLock.isAt(file(), before)).isFalse();
            next.release();
        }
    }

    @Test
    void aFileOfSomebodysWithItsNameIsLeftAsItIs() throws IOException {
        Files.writeString(file(), "the lock file of a package manager");
        assertThatThrownBy(() -> PlaceLock.of(place()))
                .hasMessageContaining("socket.lock is needed for a lock, and is none");
        assertThat(file()).hasContent("the lock file of a package manager");
        Files.writeString(file(), "short");
        assertThatThrownBy(() -> PlaceLock.of(place()))
                .hasMessageContaining("socket.lock is needed for a lock, and is none");
        assertThat(file()).hasContent("short");
    }

    @Test
    void whatALinkWithItsNameLeadsToIsLeftAsItIs() throws IOException {
        Path precious = Files.createFile(dir.resolve("precious"));
        Files.createSymbolicLink(file(), precious);
        assertThatThrownBy(() -> PlaceLock.of(place())).isInstanceOf(IOException.class);
        assertThat(precious).isEmptyFile();
        assertThat(file()).isSymbolicLink();
    }

    @Test
    void whatADeadOneLeftIsTaken() throws IOException {
        try (FileChannel dead = FileChannel.open(file(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            assertThat(PlaceLock.isAt(file(), dead)).isTrue();
        }
        PlaceLock.of(place()).orElseThrow().release();
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void whatADeadOneLeftOfItsDirectoryGoes() throws IOException {
        PlaceLock lock = PlaceLock.of(place()).orElseThrow();
        Path directory = lock.directory();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(PlaceLock.socket(directory)));
        }
        assertThat(lock.directory()).isEqualTo(directory).isEmptyDirectory();
        lock.release();
    }

    @Test
    void whatIsNoDirectoryOfADeadOneIsLeftAsItIs() throws IOException {
        PlaceLock lock = PlaceLock.of(place()).orElseThrow();
        Path directory = lock.directory();
        Path kept = Files.writeString(PlaceLock.socket(directory), "a file");
        refused(lock);
        assertThat(kept).hasContent("a file");
        Files.delete(kept);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        refused(lock);
        Files.delete(directory);
        Files.writeString(directory, "a file");
        refused(lock);
        assertThat(directory).hasContent("a file");
        Files.delete(directory);
        Files.createSymbolicLink(directory, Files.createDirectory(dir.resolve("elsewhere")));
        refused(lock);
        assertThat(directory).isSymbolicLink();
        lock.release();
    }

    private static void refused(PlaceLock lock) {
        assertThatThrownBy(lock::directory)
                .isInstanceOfSatisfying(
                        FileAlreadyExistsException.class,
                        why -> assertThat(why.getReason()).contains("socket.new is needed to make a socket in"));
    }

    @Test
    void itTakesAwayNoFileButItsOwn() throws IOException {
        PlaceLock lock = PlaceLock.of(place()).orElseThrow();
        Files.delete(file());
        Files.writeString(file(), "the next one's");
        lock.release();
        assertThat(file()).hasContent("the next one's");
    }

    @Test
    void aPlaceIsOneByWhateverLinksItIsNamed() throws IOException {
        Path link = Files.createSymbolicLink(dir.resolve("link"), dir);
        PlaceLock lock = PlaceLock.of(place()).orElseThrow();
        assertThat(PlaceLock.of(link.resolve("socket"))).isEmpty();
        lock.release();
    }

    @Test
    void thatOfTheLibraryIsTheSame() throws IOException {
        Path sources = Path.of("src/main/java/io/dmio");
        String mine = Files.readString(sources.resolve("app/control/PlaceLock.java"));
        String library =
                Files.readString(Path.of("../dmio-reactive").resolve(sources).resolve("nbd/server/PlaceLock.java"));
        assertThat(mine.replace("package io.dmio.app.control;", "package io.dmio.nbd.server;"))
                .isEqualTo(library);
    }
}
