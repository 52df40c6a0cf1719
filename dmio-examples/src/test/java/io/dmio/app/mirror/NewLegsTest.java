package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.CommandLineFixture;
import java.io.IOException;
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
    void aLegThatIsToBeCopiedLaterIsNotInSyncAndSaysSo() {
        assertThat(dmio("mirror", "create", "--size", "4M", "a", "b")).as(err()).isZero();
        assertThat(dmio("mirror", "add", "a", "b", "--no-wait", "--new", path("c")))
                .isEqualTo(2);
        assertThat(err()).contains("(" + path("c") + ") is");
    }
}
