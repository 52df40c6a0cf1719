package io.dmio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.test.StepVerifier;

/** The program that the README shows. */
class TourTest {

    @Test
    void theTourWritesToThreeFilesAndReadsOneBack(@TempDir Path directory) throws IOException {
        StepVerifier.create(Tour.run(directory))
                .expectNext("failed 0b0, read back hello, three disks")
                .verifyComplete();
        for (int i = 0; i < 3; i++) {
            byte[] leg = Files.readAllBytes(directory.resolve("leg-" + i));
            assertThat(new String(leg, 4096, 18, StandardCharsets.UTF_8)).isEqualTo("hello, three disks");
        }
    }

    @Test
    void aTourThatCannotMakeItsLastLegLeavesTheOthersClosed(@TempDir Path directory) throws IOException {
        Files.write(directory.resolve("leg-2"), new byte[512]);
        for (int again = 0; again < 2; again++) {
            StepVerifier.create(Tour.run(directory))
                    .expectErrorSatisfies(error -> assertThat(error).hasMessageContaining("leg-2: exists already"))
                    .verify();
            for (String leg : List.of("leg-0", "leg-1")) {
                BlockDevice device = IoEngines.best() // alone: no lock is left
                        .open(directory.resolve(leg), OpenOptions.readWrite())
                        .blockOptional()
                        .orElseThrow();
                device.close().block();
                Files.delete(directory.resolve(leg));
            }
        }
    }
}
