package io.dmio.app.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.app.control.RunDirectory;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Where the page listens, and its token. */
class PageOptionsTest {

    @TempDir
    private Path dir;

    private Page start(String... words) {
        PageOptions options = new PageOptions();
        new CommandLine(CommandLine.Model.CommandSpec.create()
                        .addMixin("page", CommandLine.Model.CommandSpec.forAnnotatedObject(options)))
                .parseArgs(words);
        return options.start(new RunDirectory(dir.resolve("run"), true), Optional.empty());
    }

    private void refuses(String why, String... words) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> start(words).close())
                .withMessageContaining(why);
    }

    @Test
    void aPortAloneIsOnThisMachineAndOthersNeedACertificate() {
        try (Page page = start("--page", "0")) {
            assertThat(page.uri().map(URI::getHost)).hasValue("127.0.0.1");
            assertThat(page.link().map(URI::toString).orElse("")).contains("/#token=");
        }
        try (Page page = start()) {
            assertThat(page.uri()).isEmpty();
        }
        refuses("needs --tls-cert and --tls-key", "--page", "0.0.0.0:0");
        refuses("needs --tls-cert and --tls-key", "--page", "[::]:0");
        refuses("is no port", "--page", "1:2x");
        refuses("write HOST:PORT", "--page", "::1:80");
        refuses("there is no page", "--page-token", "x");
    }

    @Test
    void theTokenIsMadeOnceAndForItsOwnerAlone() throws IOException {
        Path file = dir.resolve("run/page.token");
        String first;
        try (Page page = start("--page", "0")) {
            first = page.link().orElseThrow().getFragment();
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(first).hasSizeGreaterThan("token=".length() + 40);
        try (Page page = start("--page", "0")) {
            assertThat(page.link().orElseThrow().getFragment()).isEqualTo(first);
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        refuses("others may read it", "--page", "0");
        Path own = dir.resolve("own");
        Files.writeString(own, "short\n");
        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rw-------"));
        refuses("is no token", "--page", "0", "--page-token", own.toString());
    }

    @Test
    void aTokenThatAnotherUserPutThereIsRefused() throws IOException {
        Path file = Files.writeString(dir.resolve("theirs"), "0123456789abcdef0123456789abcdef\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        try {
            Files.setAttribute(file, "unix:uid", 65_534);
        } catch (IOException notRoot) {
            assumeTrue(false, "needs root, to give a file away: " + notRoot);
        }
        refuses("belongs to somebody else", "--page", "0", "--page-token", file.toString());
    }

    @Test
    void aTokenThatIsNoFileOfTextIsRefusedAndNotWaitedFor() throws Exception {
        Path pipe = dir.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", "-m", "600", pipe.toString())
                        .start()
                        .waitFor())
                .isZero();
        refuses("pipe: is no regular file", "--page", "0", "--page-token", pipe.toString());
        Path binary = Files.write(dir.resolve("binary"), new byte[] {(byte) 0xff});
        Files.setPosixFilePermissions(binary, PosixFilePermissions.fromString("rw-------"));
        refuses("binary: is no text in UTF-8", "--page", "0", "--page-token", binary.toString());
        Path nowhere = dir.resolve("nowhere/token");
        refuses("nowhere/token: no such file", "--page", "0", "--page-token", nowhere.toString());
    }
}
