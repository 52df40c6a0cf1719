package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.CommandLineFixture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Legs that commands make and add. */
class NewLegsTest extends CommandLineFixture {

    @Test
    void legsThatAreMadeAreTheirOwnersAlone() throws IOException {
        assertThat(dmio("mirror", "create", "--size", "4M", "a", "b")).as(err()).isZero();
        assertThat(dmio("mirror", "add", "a", "b", "--new", path("c")))
                .as(err())
                .isZero();
        for (String leg : List.of("a", "b", "c")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve(leg))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void aLegThatIsAddedToThinOnesIsThin() throws Exception {
        assertThat(dmio("mirror", "create", "--size", "64M", "a", "b"))
                .as(err())
                .isZero();
        assertThat(dmio("mirror", "add", "a", "b", "--new", path("c")))
                .as(err())
                .isZero();
        Process stat = new ProcessBuilder("stat", "-c", "%b", path("c")).start();
        String blocks = new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        assertThat(Long.parseLong(blocks) * 512).isLessThan(1 << 20); // its metadata
    }

    @Test
    void aLegThatIsToBeCopiedLaterIsNotInSyncAndSaysSo() {
        assertThat(dmio("mirror", "create", "--size", "4M", "a", "b")).as(err()).isZero();
        assertThat(dmio(
                        "mirror",
                        "add",
                        "a",
                        "b",
                        "--no-wait",
                        "--rate",
                        "4K",
                        "--new",
                        path("c"))) // it begins, but gets nowhere
                .isEqualTo(2);
        assertThat(err()).contains("(" + path("c") + ") is");
    }

    @Test
    void aMirrorIsAsLargeAsAskedForAlsoOnLargerLegsThatExist() throws IOException {
        Files.write(dir.resolve("a"), new byte[1 << 20]);
        Files.write(dir.resolve("b"), new byte[1 << 20]);
        assertThat(dmio("mirror", "create", "--size", "256k", "a", "b"))
                .as(err())
                .isZero();
        assertThat(out()).contains("256.0 KiB in");
        assertThat(dmio("mirror", "grow", "--size", "512KiB", "a", "b"))
                .as(err())
                .isZero();
        assertThat(out()).contains("512.0 KiB in");
    }

    @Test
    void aSizeThatIsRoundedUpIsTold() {
        assertThat(dmio("mirror", "create", "--size", "1MB", "a", "b")).isZero();
        assertThat(err()).hasLineCount(1).contains("rounded up to 1003520 bytes");
    }

    @Test
    void whatStatusAdvisesForAMissingLegTakesItOut() {
        assertThat(dmio("mirror", "create", "--size", "256K", "a", "b", "c")).isZero();
        assertThat(dmio("mirror", "status", "a", "c")).isEqualTo(2);
        assertThat(err()).contains("dmio mirror remove --degraded --out 1");
        assertThat(dmio("mirror", "remove", "a", "c", "--degraded", "--out", "1"))
                .as(err())
                .isZero();
        assertThat(out()).contains("leg 1 (" + path("b") + ") is out");
        assertThat(dmio("mirror", "status", "a", "c")).isZero();
    }

    @Test
    void anotherLegIsPutInThePlaceOfOneThatWasInSyncWhenItWasLost() throws IOException {
        assertThat(dmio("mirror", "create", "--size", "256K", "a", "b")).isZero();
        Files.delete(dir.resolve("b"));
        assertThat(dmio("mirror", "replace", "a", "--old", "1", "--new", "c")).isOne();
        assertThat(err()).contains("took part when last seen").hasLineCount(1);
        assertThat(dir.resolve("c")).doesNotExist();
        assertThat(dmio("mirror", "replace", "a", "--degraded", "--old", "1", "--new", "c"))
                .as(err())
                .isZero();
        assertThat(dmio("mirror", "status", "a", "c")).isZero();
    }

    @Test
    void aNewLegMayHaveThePathOfTheLostOne() throws IOException {
        assertThat(dmio("mirror", "create", "--size", "256K", "a", "b")).isZero();
        Files.delete(dir.resolve("b"));
        assertThat(dmio("mirror", "replace", "a", "--degraded", "--old", "1", "--new", "b"))
                .as(err())
                .isZero();
        assertThat(dmio("mirror", "status", "a", "b")).as(err()).isZero();
    }

    @Test
    void ofTwoLegsOfOneNameTheNumberSaysWhich() throws IOException {
        assertThat(dmio("mirror", "create", "--size", "256K", "a", "b")).isZero();
        Files.delete(dir.resolve("b"));
        dmio("mirror", "assemble", "a", "--degraded");
        assertThat(dmio("mirror", "add", "a", "--new", "b")).as(err()).isEqualTo(2);
        assertThat(dmio("mirror", "remove", "a", "b", "--out", "b")).isOne();
        assertThat(err()).contains(": legs 1 and 2 have that name: name one by its number");
        assertThat(dmio("mirror", "remove", "a", "b", "--out", "1")).as(err()).isZero();
        assertThat(dmio("mirror", "status", "a", "b")).as(err()).isZero();
    }
}
