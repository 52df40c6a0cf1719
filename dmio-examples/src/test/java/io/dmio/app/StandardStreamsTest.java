package io.dmio.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.app.cli.ExitCode;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of text and descriptors that scripts hand over; in processes of their own. */
class StandardStreamsTest {

    private static final Path FULL = Path.of("/dev/full");

    @TempDir
    private Path directory;

    @Test
    void textThatDoesNotFitIsAFailure() throws IOException, InterruptedException {
        assumeTrue(Files.exists(FULL), "/dev/full is not there");
        Process app = AppProcess.of("info", disk().toString())
                .redirectOutput(FULL.toFile())
                .start();
        assertThat(error(app)).contains("dmio: standard output: No space left on device");
        assertThat(app.waitFor()).isEqualTo(ExitCode.SOME_FAILED);
    }

    @Test
    void aReaderThatHasLeftIsNoFailureAndHearsNothing() throws IOException, InterruptedException {
        Process app = bash("exec \"$@\" | true; exit ${PIPESTATUS[0]}", "info", disk().toString());
        assertThat(error(app)).isEmpty();
        assertThat(app.waitFor()).isIn(ExitCode.UNREAD, ExitCode.GOOD); // it may have printed before the reader left
    }

    @Test
    void theReadyLineIsAppendedWhereTheDescriptorStands() throws IOException, InterruptedException {
        Path log = Files.writeString(directory.resolve("log"), "an old line\n");
        Process app = bash(
                "exec \"$@\" 3>>'" + log + "'",
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--ready-fd",
                "3",
                disk().toString());
        String ready = firstLine(app).replace("ready ", "");
        app.destroy();
        assertThat(app.waitFor()).isZero();
        assertThat(log).hasContent("an old line\n" + ready);
    }

    @Test
    void aDescriptorThatNobodyOpenedIsRefusedAndNothingIsWritten() throws IOException, InterruptedException {
        Path jar = Files.copy(Path.of(ownJar()), directory.resolve("first.jar"));
        byte[] before = Files.readAllBytes(jar);
        for (int number = 3; number < 12; number++) { // the JVM has its own files open under some of them
            List<String> command = AppProcess.of(
                            "serve", "--listen", "127.0.0.1:0", "--ready-fd", "" + number, disk().toString())
                    .command();
            int path = command.indexOf("-cp") + 1;
            command.set(path, jar + File.pathSeparator + command.get(path));
            Process app = new ProcessBuilder(command).start();
            assertThat(error(app)).contains("--ready-fd " + number + ": is not open for writing");
            assertThat(app.waitFor()).isEqualTo(ExitCode.MISUSE);
        }
        assertThat(jar).hasBinaryContent(before);
    }

    private Path disk() throws IOException {
        return Files.write(directory.resolve("disk"), new byte[4096]);
    }

    private static String ownJar() {
        return List.of(System.getProperty("java.class.path").split(File.pathSeparator)).stream()
                .filter(entry -> entry.endsWith(".jar"))
                .findFirst()
                .orElseThrow();
    }

    private static Process bash(String script, String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of("bash", "-c", script, "bash"));
        command.addAll(AppProcess.of(args).command());
        return new ProcessBuilder(command).start();
    }

    private static String error(Process app) throws IOException {
        return new String(app.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static String firstLine(Process app) throws IOException, InterruptedException {
        BufferedReader out = new BufferedReader(new InputStreamReader(app.getInputStream(), StandardCharsets.UTF_8));
        String line = out.readLine();
        if (line == null) {
            assertThat(app.waitFor(1, TimeUnit.MINUTES)).isTrue();
            throw new AssertionError(error(app));
        }
        return line;
    }
}
