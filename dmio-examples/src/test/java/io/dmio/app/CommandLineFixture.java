package io.dmio.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;

/** Runs the app in this process, on files in a directory of its own. */
public abstract class CommandLineFixture {

    protected final ByteArrayOutputStream out = new ByteArrayOutputStream();
    protected final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    protected Path dir;

    protected byte[] in = {};

    /** Words without a dash or a slash in front that follow the command, and are no numbers, are files of this test. */
    protected int dmio(String... words) {
        String[] args = words.clone();
        for (int i = args.length > 0 && args[0].equals("mirror") ? 2 : 1; i < args.length; i++) {
            boolean value = args[i - 1].matches("--(budget|engine|legs|size|chunk|rate|legs-min|name|uuid)");
            if (!value && !args[i].matches("[0-9]+") && !args[i].startsWith("-") && !args[i].startsWith("/")) {
                args[i] = path(args[i]);
            }
        }
        return Main.run(args, new ByteArrayInputStream(in), out, err);
    }

    protected String path(String name) {
        return dir + "/" + name;
    }

    protected byte[] file(String name, int length) throws IOException {
        byte[] bytes = random(length);
        Files.write(dir.resolve(name), bytes);
        return bytes;
    }

    protected byte[] read(String name) {
        try {
            return Files.readAllBytes(dir.resolve(name));
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }

    protected static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** What was run last said in one line what is wrong, and nothing else, and made no file of the name {@code a}. */
    protected void isRefusedInALineAndMakesNothing() {
        assertThat(err())
                .startsWith("dmio: ")
                .hasLineCount(1)
                .doesNotContain("Exception")
                .doesNotContain("\tat ");
        assertThat(out()).isEmpty();
        assertThat(dir.resolve("a")).doesNotExist();
    }

    protected String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    protected String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
