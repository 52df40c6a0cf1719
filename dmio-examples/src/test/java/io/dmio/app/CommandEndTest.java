package io.dmio.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.cli.ExitCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A command ends its threads that are in native code, as the JVM waits for them at its end for a third of a second. */
class CommandEndTest {

    @TempDir
    private Path directory;

    static Stream<List<String>> commands() {
        return Stream.of(
                List.of("info", "disk"),
                List.of("info", "absent"),
                List.of("copy", "disk", "copy"),
                List.of("copy", "disk", "nbd+unix:///?socket=nobody"),
                List.of("bench", "--dir", ".", "--time", "1ms", "--size", "1M", "--depth", "1", "--rounds", "1"));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void noneIsLeftWhenTheProcessEnds(List<String> line) throws IOException, InterruptedException {
        Files.write(directory.resolve("disk"), new byte[1 << 20]);
        ProcessBuilder process = AppProcess.of().directory(directory.toFile()).redirectErrorStream(true);
        List<String> command = new ArrayList<>(process.command());
        command.set(command.size() - 1, Looking.class.getName());
        command.addAll(line);
        Process child = process.command(command).start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(said).isIn(ExitCode.GOOD, ExitCode.MISUSE, ExitCode.SOME_FAILED);
        assertThat(said).endsWith("left: []\n");
    }

    /** Runs a command, and says at the end which threads are left. */
    static final class Looking {

        private static final long PATIENCE_MILLIS = 10_000;
        private static final Pattern LOOP = Pattern.compile("dmio-(uring-[0-9]|nbd)");

        private Looking() {}

        public static void main(String[] args) {
            Runtime.getRuntime().addShutdownHook(new Thread(Looking::say));
            Main.main(args);
        }

        // They end a little later than they are told to.
        @SuppressWarnings("SystemOut")
        private static void say() {
            try {
                for (Thread thread : loops()) {
                    thread.join(PATIENCE_MILLIS);
                }
            } catch (InterruptedException early) {
                Thread.currentThread().interrupt();
            }
            System.out.println("left: " + loops().stream().map(Thread::getName).toList());
        }

        private static List<Thread> loops() {
            return Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> LOOP.matcher(thread.getName()).lookingAt())
                    .toList();
        }
    }
}
