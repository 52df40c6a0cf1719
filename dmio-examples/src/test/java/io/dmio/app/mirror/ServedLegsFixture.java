package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.CommandLineFixture;
import io.dmio.app.Main;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.stream.Stream;

/** Mirrors of files in a directory, which are served, and asked by commands. */
abstract class ServedLegsFixture extends CommandLineFixture {

    static final int BYTES = 4 << 20;

    ServedMirror serve(String... words) throws IOException {
        return ServedMirror.of(
                dir,
                Arrays.stream(words)
                        .map(word -> word.startsWith("-") ? word : path(word))
                        .toArray(String[]::new));
    }

    void move(String from, String to) throws IOException {
        Files.move(dir.resolve(from), dir.resolve(to));
    }

    void create(String... words) {
        assertThat(dmio(Stream.concat(Stream.of("mirror", "create", "--size", "4M"), Arrays.stream(words))
                        .toArray(String[]::new)))
                .as(err())
                .isZero();
    }

    int mirror(String... words) {
        out.reset();
        err.reset();
        return dmio(
                Stream.concat(Stream.concat(Stream.of("mirror"), Arrays.stream(words)), Stream.of("--run-dir", "run"))
                        .toArray(String[]::new));
    }

    byte[] write(String name) throws IOException {
        byte[] bytes = file(name, BYTES);
        copy(path(name), "nbd+unix:///?socket=" + path("socket"));
        return bytes;
    }

    byte[] copied() throws IOException {
        Files.deleteIfExists(dir.resolve("copied"));
        copy("nbd+unix:///?socket=" + path("socket"), path("copied"));
        return read("copied");
    }

    void copy(String from, String to) {
        assertThat(Main.run(new String[] {"copy", from, to}, new ByteArrayInputStream(in), out, err))
                .as(err())
                .isZero();
    }
}
