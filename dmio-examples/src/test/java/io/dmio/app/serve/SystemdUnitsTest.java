package io.dmio.app.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The units that packages have, as systemd reads them; it need not run. */
class SystemdUnitsTest {

    private static final Path UNITS = Path.of("src/main/dist/systemd");
    private static final String ANALYZE = "/usr/bin/systemd-analyze";
    private static final String EXPOSURE_MAX = "25"; // of 100; 50 and more is what systemd calls exposed

    @TempDir
    private Path directory;

    @BeforeEach
    void copies() throws IOException {
        assumeTrue(Files.isExecutable(Path.of(ANALYZE)), ANALYZE + " is not installed");
        try (Stream<Path> all = Files.list(UNITS)) {
            all.forEach(this::copy);
        }
    }

    // What is not installed here is no fault of the unit.
    private void copy(Path unit) {
        try {
            String text =
                    Files.readString(unit).replace("/usr/bin/dmio", "/bin/true").replaceAll("Documentation=.*\n", "");
            Files.writeString(directory.resolve(unit.getFileName().toString()), text);
        } catch (IOException unread) {
            throw new UncheckedIOException(unread);
        }
    }

    @Test
    void systemdFindsNothingWrongWithThem() throws IOException, InterruptedException {
        assertThat(analyze("verify", unit("dmio-mirror@store.service"), unit("dmio-scrub@store.timer")))
                .isEmpty();
    }

    @Test
    void theyAreExposedToLittle() throws IOException, InterruptedException {
        for (String unit : List.of("dmio-mirror@.service", "dmio-scrub@.service")) {
            assertThat(analyze("security", "--offline=yes", "--threshold=" + EXPOSURE_MAX, unit(unit)))
                    .contains("Overall exposure level for dmio-");
        }
    }

    @Test
    void theServersHeapIsBoundedByOptionsThatTheJvmKnows() throws IOException, InterruptedException {
        String options = Files.readAllLines(UNITS.resolve("dmio-mirror@.service")).stream()
                .filter(line -> line.startsWith("Environment=\"DMIO_JAVA_OPTS="))
                .map(line -> line.replaceAll(".*OPTS=|\"$", ""))
                .findFirst()
                .orElseThrow();
        List<String> java = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin/java").toString()));
        java.addAll(Arrays.asList(options.split(" ", -1)));
        java.addAll(List.of("-XX:+PrintFlagsFinal", "-version"));
        Process run = new ProcessBuilder(java).redirectErrorStream(true).start();
        String said = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(run.waitFor()).as(said).isZero();
        assertThat(said).containsPattern("MaxHeapSize += " + (256 << 20) + " ");
    }

    private String unit(String name) throws IOException {
        Path instance = directory.resolve(name);
        if (!Files.exists(instance)) {
            Files.copy(directory.resolve(name.replaceAll("@[^.]*", "@")), instance);
        }
        return instance.toString();
    }

    private static String analyze(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(ANALYZE));
        command.addAll(Arrays.asList(words));
        Process analyze = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(analyze.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(analyze.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(analyze.exitValue()).as(said).isZero();
        return said;
    }
}
