package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.netty.buffer.Unpooled;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What its path tells of a leg. */
class PathDeviceTest {

    private static final int BYTES = 1 << 20;
    private static final int SECTORS = BYTES / 512;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private Path temporary;

    @Test
    void aProcessThatCanOpenNothingMoreHasItsLegsStill() throws Exception {
        Path leg = temporary.resolve("leg");
        Files.write(leg, new byte[BYTES]);
        Process starved = new ProcessBuilder(
                        "sh",
                        "-c",
                        "ulimit -n 512; exec \"$@\"",
                        "sh",
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Starved.class.getName(),
                        leg.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(starved.inputReader().readLine()).isEqualTo("written");
        } finally {
            starved.destroyForcibly().waitFor();
        }
    }

    @Test
    void aFileThatWasMovedAwayAndBackGoesOnByItself() throws Exception {
        Path path = temporary.resolve("leg");
        Files.write(path, new byte[BYTES]);
        PathDevice leg = open(path);
        Files.move(path, temporary.resolve("away"));
        leg.look();
        assertThat(write(leg, SECTORS - 8)).isEqualTo("ESTALE");
        Files.move(temporary.resolve("away"), path);
        leg.look();
        assertThat(write(leg, SECTORS - 8)).isEqualTo("written");
        leg.close().block();
    }

    @Test
    void aFileThatWasCutShortOrReplacedIsUsedOnlyWhenItsMirrorLooksAtItAnew() throws Exception {
        for (boolean isReplaced : new boolean[] {false, true}) {
            Path path = temporary.resolve("leg-" + isReplaced);
            Files.write(path, new byte[BYTES]);
            PathDevice leg = open(path);
            if (isReplaced) {
                Files.write(temporary.resolve("other"), new byte[BYTES]);
                Files.move(temporary.resolve("other"), path, StandardCopyOption.REPLACE_EXISTING);
            } else {
                Files.write(path, new byte[BYTES - 512]);
            }
            leg.look();
            Files.write(path, new byte[BYTES], StandardOpenOption.WRITE);
            leg.look();
            leg.look();
            assertThat(write(leg, SECTORS - 8)).isEqualTo("ESTALE");
            leg.pin();
            assertThat(write(leg, SECTORS - 8)).isEqualTo("written");
            leg.close().block();
        }
    }

    private static PathDevice open(Path file) {
        return (PathDevice) PathDevice.of(
                file.toString(),
                () -> Objects.requireNonNull(
                        IoEngines.posix().open(file, OpenOptions.readWrite()).block()));
    }

    private static String write(BlockDevice leg, long sector) {
        try {
            leg.submit(new BlockOp.Write(sector, Unpooled.buffer(4096, 4096), false))
                    .block(PATIENCE);
            return "written";
        } catch (DeviceException failed) {
            return failed.errno().name();
        }
    }

    /** Writes to the end of a leg when it has as many files open as it may have, and all classes that are needed to tell of it. */
    static final class Starved {
        public static void main(String[] args) {
            Path file = Path.of(args[0]);
            BlockDevice leg = PathDevice.of(
                    args[0],
                    () -> Objects.requireNonNull(IoEngines.posix()
                            .open(file, OpenOptions.readWrite())
                            .block()));
            List<String> told = new ArrayList<>(List.of(write(leg, SECTORS), write(leg, SECTORS - 8)));
            List<Closeable> taken = new ArrayList<>();
            takeAll(file, taken);
            told.add(write(leg, SECTORS - 8));
            System.out.println(told.get(2));
            System.exit(taken.size() > told.size() ? 0 : 1);
        }

        private static void takeAll(Path file, List<Closeable> taken) {
            try {
                while (true) {
                    taken.add(Files.newByteChannel(file));
                }
            } catch (IOException full) {
                // so it is
            }
        }
    }
}
