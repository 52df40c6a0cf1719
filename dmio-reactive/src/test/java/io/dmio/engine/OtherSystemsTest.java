package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.PageList;
import io.dmio.harness.ChildJvm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A system that is no Linux, as far as the JVM says: the jdk engine is taken, and works. */
class OtherSystemsTest {

    @TempDir
    private Path directory = Path.of("");

    @ParameterizedTest
    @ValueSource(strings = {"Mac OS X", "Windows 11", "FreeBSD"})
    void theBestEngineIsTheJdksAndSaysWhy(String osName) throws Exception {
        List<String> command = new ArrayList<>(
                ChildJvm.command(FirstProgram.class, directory.resolve("disk").toString()));
        command.add(1, "-Dos.name=" + osName);
        assertThat(ChildJvm.said(command))
                .contains("jdk: the posix and uring engines make system calls of Linux, and this is " + osName)
                .contains("read back 42");
    }

    /** What somebody writes first. */
    public static final class FirstProgram {
        private FirstProgram() {}

        /** Writes a page to a file and reads it back. */
        @SuppressWarnings("SystemOut")
        public static void main(String[] args) {
            System.out.println(IoEngines.best().name() + ": " + IoEngines.bestReason());
            BlockDevice disk = IoEngines.best()
                    .open(Path.of(args[0]), OpenOptions.readWrite().withOpenOrCreate(1 << 20))
                    .blockOptional()
                    .orElseThrow();
            DmIo io = DmIo.create().get(16);
            PageList page = PageList.allocate(1);
            page.pages().get(0).setByte(0, 42);
            IoRegion region = new IoRegion(disk, 8, 8);
            ErrorBits failed = io.writeSync(List.of(region), page).or(io.flushSync(List.of(region)));
            page.pages().get(0).setByte(0, 0);
            failed = failed.or(io.readSync(region, page));
            System.out.println(failed + ", read back " + page.pages().get(0).getByte(0));
            page.release();
            io.close().then(disk.close()).block();
        }
    }
}
