package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.AppProcess;
import io.dmio.app.CommandLineFixture;
import io.dmio.app.cli.FileId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Legs as operators name them: from the directory that they are in, by numbers, through links, as others elsewhere are called. */
class LegNamesTest extends CommandLineFixture {

    private static final int SECONDS = 180;

    private String said = "";

    @BeforeEach
    void anotherDirectory() throws IOException {
        Files.createDirectories(dir.resolve("other"));
    }

    /** A command of a process that is in a directory. */
    private int from(String directory, String... words) throws Exception {
        ProcessBuilder command = AppProcess.of(
                        Stream.concat(Stream.of("mirror"), Stream.of(words)).toArray(String[]::new))
                .directory(dir.resolve(directory).toFile())
                .redirectErrorStream(true);
        Process process = command.start();
        said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Test
    void aNumberThatIsAlsoTheNameOfAnotherLegIsRefusedAndBothAreTold() throws Exception {
        assertThat(from(".", "create", "--size", "8M", "1", "0")).as(said).isZero();
        assertThat(from(".", "remove", "1", "0", "--out", "1")).as(said).isOne();
        assertThat(said)
                .contains("--out 1: is the number of leg 1 (0) and the name of leg 0 (1): name the one that is meant"
                        + " by its path, as in ./1");
        assertThat(from(".", "status", "1", "0")).as(said).isZero();
        assertThat(from(".", "remove", "1", "0", "--out", "./1")).as(said).isZero();
        assertThat(said).contains("leg 0 (1) is out");
    }

    @Test
    void aMirrorIsNotTakenForOneThatIsServedAndMissesALegOfThatName() throws Exception {
        assertThat(dmio("mirror", "create", "--size", "8M", "a", "b")).as(err()).isZero();
        Files.move(dir.resolve("b"), dir.resolve("lost"));
        assertThat(from("other", "create", "--size", "8M", "a", "b")).as(said).isZero();
        String run = path("run");
        try (ServedMirror served = ServedMirror.of(dir, "--degraded", path("a"))) {
            assertThat(from("other", "status", "--run-dir", run, "b", "a"))
                    .as(said)
                    .isZero();
            assertThat(said).doesNotContain("served by");
            assertThat(from("other", "remove", "--run-dir", run, "b", "a", "--out", "0"))
                    .as(said)
                    .isZero();
            assertThat(said).contains("leg 0 (a) is out");
            assertThat(from(".", "status", "--run-dir", run, "b")).as(said).isEqualTo(2);
            assertThat(said).as("nothing is there, so it may be that one").contains("served by", "1  missing");
            served.end();
        }
        Files.move(dir.resolve("lost"), dir.resolve("b"));
        assertThat(from(".", "status", "a", "b")).as(said).isEqualTo(2);
        assertThat(said).as("nobody took it out").contains("0  in sync  nothing       0  a\n");
    }

    @Test
    void legsOfTwoMirrorsThatAreServedAreNoMirror() throws Exception {
        assertThat(dmio("mirror", "create", "--size", "8M", "a", "b")).as(err()).isZero();
        assertThat(dmio("mirror", "create", "--size", "8M", "c", "d")).as(err()).isZero();
        Files.createDirectory(
                dir.resolve("run"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.createSymbolicLink(dir.resolve("other/run"), dir.resolve("run"));
        try (ServedMirror one = ServedMirror.of(dir, path("a"), path("b"));
                ServedMirror other = ServedMirror.of(dir.resolve("other"), path("c"), path("d"))) {
            String[] both = {"remove", "--run-dir", path("run"), path("a"), path("d"), "--out", "0"};
            assertThat(from(".", both)).as(said).isOne();
            assertThat(said).contains("are legs of 2 mirrors that run here").hasLineCount(1);
            one.end();
            other.end();
        }
        assertThat(dmio("mirror", "status", "a", "b")).as(err()).isZero();
        assertThat(dmio("mirror", "status", "c", "d")).as(err()).isZero();
    }

    @Test
    void aNameThatGoesBackOverALinkStaysOfTheSameFile() throws IOException {
        Files.createDirectories(dir.resolve("far/below"));
        Files.createSymbolicLink(dir.resolve("link"), dir.resolve("far/below"));
        file("a", 512);
        file("far/a", 512);
        String given = path("link/../a");
        assertThat(FileId.of(Place.absolute(given)).key())
                .isEqualTo(FileId.of(given).key())
                .isEqualTo(FileId.of(path("far/a")).key());
        assertThat(Place.absolute("/srv/./a//b/.")).isEqualTo("/srv/a/b");
        assertThat(Place.absolute("./a"))
                .isEqualTo(Path.of("a").toAbsolutePath().toString());
    }

    @Test
    void whatWasSeenLastUnderANameIsOnlyTakenForOneThatEndsSo() {
        assertThat(Place.mayBe("/srv/b.img", "/srv/b.img")).isTrue();
        assertThat(Place.mayBe("b.img", "/srv/b.img")).isTrue();
        assertThat(Place.mayBe("/srv/b.img", "b.img")).isTrue();
        assertThat(Place.mayBe("/mnt/new/srv/b.img", "/srv/b.img")).isTrue();
        String end = "img".repeat(13);
        assertThat(Place.mayBe("/srv/legs/long-" + end, "-" + end)).as("cut").isTrue();
        assertThat(Place.mayBe("b.img", "/srv/ab.img")).isFalse();
        assertThat(Place.mayBe("/srv/ab.img", "b.img")).isFalse();
        assertThat(Place.mayBe("/srv/b.img", "")).isFalse();
    }
}
