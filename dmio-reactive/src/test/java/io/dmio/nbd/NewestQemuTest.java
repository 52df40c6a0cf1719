package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** QEMU as it is newest in Debian's backports: it agrees on extended headers, which older ones do not know. */
class NewestQemuTest extends ServerFixture {

    private static final Path QEMU = Path.of("target/qemu");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void itReadsAndWritesAndComparesAnImage() throws IOException {
        assumeTrue(
                Tool.outcome("../.ci/newest-qemu", QEMU.toString()).code() == 0,
                "Debian's newest QEMU cannot be had here: see .ci/newest-qemu");
        byte[] bytes = new byte[BYTES];
        new Random(20_261_128).nextBytes(bytes);
        Path image = Files.write(directory.resolve("image"), bytes);
        String uri = server.uri("disk").toString();
        assertThat(qemu("qemu-io", "-f", "raw", uri, "-c", "write -P 7 0 64k", "-c", "write -z 64k 64k", "-c", "flush"))
                .contains("wrote 65536/65536 bytes at offset 0", "wrote 65536/65536 bytes at offset 65536");
        assertThat(qemu("qemu-io", "-f", "raw", uri, "-c", "read -P 7 0 64k", "-c", "discard 0 64k"))
                .contains("read 65536/65536 bytes at offset 0")
                .doesNotContain("verification failed");
        qemu("qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", image.toString(), uri);
        assertThat(qemu("qemu-img", "compare", "-f", "raw", "-F", "raw", image.toString(), uri))
                .contains("Images are identical");
    }

    private static String qemu(String program, String... args) {
        String[] command = new String[args.length + 1];
        command[0] = QEMU.resolve("usr/bin").resolve(program).toString();
        System.arraycopy(args, 0, command, 1, args.length);
        return Tool.run(command);
    }
}
