package io.dmio.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.dmio.app.AppProcess;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names on the command line are bytes, and find the files of these bytes. */
class FilePathTest {

    @TempDir
    private Path directory;

    private static byte[] bytesOf(Path path) {
        String uri = path.toUri().getRawPath();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int at = 0; at < uri.length(); at++) {
            boolean isEscaped = uri.charAt(at) == '%';
            bytes.write(isEscaped ? Integer.parseInt(uri, at + 1, at + 3, 16) : uri.charAt(at));
            at += isEscaped ? 2 : 0;
        }
        return bytes.toByteArray();
    }

    private static byte[] drawn(Random random) {
        byte[] name = new byte[1 + random.nextInt(60)];
        random.nextBytes(name);
        byte[] text = "aé€😀\ufffd".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < name.length; i++) {
            if (random.nextInt(3) > 0) {
                name[i] = text[(i + random.nextInt(2)) % text.length]; // whole characters, and halves
            }
            name[i] = name[i] == 0 || name[i] == '/' ? (byte) 0xff : name[i];
        }
        return name;
    }

    @Test
    void aPathHasTheBytesThatWereGivenWhateverTheyAre() {
        for (int seed = 0; seed < 2000; seed++) {
            byte[] name = drawn(new Random(seed));
            if (name.length < 3 && name[0] == '.') {
                continue; // a name that means another
            }
            String given = FilePath.decode(name);
            assertThat(bytesOf(FilePath.of("/" + given)))
                    .as("seed %d", seed)
                    .endsWith(name)
                    .hasSize(name.length + 1);
            assertThat(bytesOf(FilePath.of(given))).as("seed %d", seed).endsWith(name);
        }
    }

    @Test
    void theNameOfAFileInADirectoryHasItsBytes() {
        for (int seed = 0; seed < 2000; seed++) {
            String given = FilePath.decode(drawn(new Random(seed)));
            if (!given.equals(".") && !given.equals("..")) {
                assertThat(FilePath.name(FilePath.of("/" + given)))
                        .as("seed %d", seed)
                        .isEqualTo(given);
            }
        }
    }

    @Test
    void halfACharacterIsNoName() {
        for (String half : new String[] {"/a\ud800b", "\udbff", "a\udc00", "\udfff"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> FilePath.of(half))
                    .withMessage("a path has no half of a character");
        }
    }

    @Test
    void whatIsTextIsDecodedAsText() {
        assertThat(FilePath.decode("café/\ufffd😀".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("café/\ufffd😀");
        assertThat(Arguments.split(new byte[] {'a', 0, (byte) 0xe9, 0, 0})).containsExactly("a", "\udce9", "");
    }

    @Test
    void whatIsNoPathIsToldAsOne() {
        assertThatIllegalArgumentException().isThrownBy(() -> FilePath.of("")).withMessage("the path is empty");
        assertThatIllegalArgumentException().isThrownBy(() -> FilePath.of("a\0b"));
    }

    @Test
    void filesOfAnyNameAreReadAndWrittenWhateverTheLocale() throws Exception {
        for (String locale : new String[] {"C", "C.UTF-8"}) {
            for (String name : new String[] {"caf\\xe9", "caf\\xc3\\xa9"}) {
                String script = "cd \"$1\"; n=$(printf '" + name + "'); shift; head -c 4096 /dev/urandom >\"$n\"; "
                        + "LC_ALL=" + locale + " \"$@\" copy \"$n\" \"$n.out\" && cmp \"$n\" \"$n.out\"; "
                        + "code=$?; rm -f \"$n\"*; exit $code";
                ProcessBuilder bash = new ProcessBuilder("bash", "-c", script, "bash", directory.toString());
                bash.command().addAll(AppProcess.of().command());
                Process process = bash.redirectErrorStream(true).start();
                String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(process.waitFor())
                        .as("%s, %s: %s", locale, name, said)
                        .isZero();
                try (var left = Files.list(directory)) {
                    assertThat(left).isEmpty();
                }
            }
        }
    }
}
