package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.CommandLineFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Legs are found, and what can be started; nothing is written. */
class ScanCommandTest extends CommandLineFixture {

    @Test
    void legsAreGroupedByMirrorAndItIsToldWhatCanBeStarted() throws IOException {
        assertThat(dmio("mirror", "create", "--size", "4M", "--legs-min", "2", "a", "b", "c"))
                .as(err())
                .isZero();
        assertThat(dmio("mirror", "create", "--size", "4M", "d", "e")).as(err()).isZero();
        Files.delete(dir.resolve("b"));
        Files.delete(dir.resolve("e"));
        file("plain", 1 << 20);
        file("odd", 777);
        Map<String, FileTime> before = times();
        out.reset();
        assertThat(dmio("mirror", "scan", dir.toString())).as(err()).isZero();
        assertThat(out())
                .contains("4.0 MiB, 3 legs, 2 found", "1  missing  (" + path("b") + ")")
                .contains("can be started: dmio mirror serve " + path("a") + " " + path("c"))
                .contains("4.0 MiB, 2 legs, 1 found")
                .contains("cannot be started: ENODEV: " + path("d"), "dmio mirror assemble --degraded");
        assertThat(times()).isEqualTo(before);
        out.reset();
        assertThat(dmio("mirror", "scan", "--json", "a", "c", "d", "plain")).isZero();
        assertThat(out())
                .hasLineCount(1)
                .contains("\"startable\":true", "\"startable\":false", "\"found\":[\"" + path("d"));
    }

    @Test
    void legsThatWentOnWithoutEachOtherCannotBeStarted() {
        assertThat(dmio("mirror", "create", "--size", "4M", "a", "b")).as(err()).isZero();
        assertThat(dmio("mirror", "assemble", "--degraded", "a")).isEqualTo(2);
        assertThat(dmio("mirror", "assemble", "--degraded", "b")).isEqualTo(2);
        assertThat(dmio("mirror", "scan", "a", "b")).isZero();
        assertThat(out()).contains("2 found", "cannot be started: ", "dmio mirror assemble --trust");
    }

    @Test
    void whereNoLegIsThatIsToldAndWhatIsNamedAndNotThere() throws IOException {
        file("plain", 1 << 20);
        assertThat(dmio("mirror", "scan", "plain", "nowhere")).isEqualTo(2);
        assertThat(err()).contains(path("nowhere") + ": no such file", "no leg is there");
    }

    @Test
    void infoTellsALeg() throws IOException {
        assertThat(dmio("mirror", "create", "--size", "4M", "a", "b")).as(err()).isZero();
        file("plain", 1 << 20);
        assertThat(dmio("info", "b")).as(err()).isZero();
        assertThat(out()).containsPattern("mirror    leg 1 of 2 of mirror [0-9a-f-]{36}");
        out.reset();
        assertThat(dmio("info", "--json", "b", "plain")).isZero();
        assertThat(out()).containsOnlyOnce("\"mirror\":{\"id\":").contains("\"leg\":1");
    }

    private Map<String, FileTime> times() throws IOException {
        Map<String, FileTime> times = new TreeMap<>();
        try (Stream<Path> files = Files.list(dir)) {
            for (Path file : files.toList()) {
                times.put(file.toString(), Files.getLastModifiedTime(file));
            }
        }
        return times;
    }
}
