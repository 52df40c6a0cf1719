package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.app.CommandLineFixture;
import io.dmio.device.MemoryDevice;
import io.dmio.nbd.NbdExport;
import io.dmio.nbd.NbdServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Nothing that a leg holds is overwritten unasked: by what the tools themselves write. */
class LegContentsTest extends CommandLineFixture {

    private static final int BYTES = 32 << 20;

    @Test
    void aLegWithAFileSystemIsNotOverwrittenUnasked() throws IOException, InterruptedException {
        zeroes("a");
        zeroes("b");
        tool("", "mkfs.ext4", "-q", "-F", path("b"));
        byte[] precious = read("b");
        assertThat(dmio("mirror", "create", "a", "b")).isOne();
        assertThat(err()).contains(path("b") + ": holds an ext file system", "--force");
        assertThat(read("b")).isEqualTo(precious);
        assertThat(dmio("mirror", "create", "a")).as(err()).isZero();
        for (String command : List.of("add a --new b", "replace a --old a --new b")) {
            err.reset();
            assertThat(dmio(("mirror " + command).split(" "))).isOne();
            assertThat(err()).contains("holds an ext file system");
            assertThat(read("b")).isEqualTo(precious);
        }
        assertThat(dmio("mirror", "add", "a", "--force", "--new", "b"))
                .as(err())
                .isZero();
    }

    @Test
    void aFileSystemThatFillsTheFirstLegIsNotCutUnasked() throws IOException, InterruptedException {
        zeroes("a");
        tool("", "mkfs.ext4", "-q", "-F", path("a"));
        byte[] whole = read("a");
        assertThat(dmio("mirror", "create", "a", path("b"), "--size", "32M")).isOne();
        assertThat(err()).contains("an ext file system reaches its end", "truncate -s +", "--force");
        assertThat(read("a")).isEqualTo(whole);
        assertThat(dir.resolve("b")).doesNotExist();
        String more = err().replaceAll("(?s).*truncate -s \\+(\\d+);.*", "$1");
        try (RandomAccessFile file = new RandomAccessFile(path("a"), "rw")) {
            file.setLength(BYTES + Long.parseLong(more));
        }
        err.reset();
        assertThat(dmio("mirror", "create", "a")).as(err()).isZero();
        assertThat(read("a")).startsWith(whole);
    }

    @Test
    void bytesAfterTheLastBlockOfAnExportAreNotLeftOutUnasked() {
        MemoryDevice disk = MemoryDevice.of("disk", BYTES / 512);
        NbdServer server = Objects.requireNonNull(NbdServer.builder()
                .bind(dir.resolve("socket"))
                .export(NbdExport.of("", disk).withTail(new byte[320]))
                .start()
                .block());
        String uri = "nbd+unix:///?socket=" + path("socket");
        assertThat(dmio("mirror", "create", "--leg=" + uri, "--leg=" + path("b"), "--size", "16M"))
                .isOne();
        assertThat(err()).hasLineCount(1).contains(uri + ": its last 320 bytes are no whole block", "--force");
        assertThat(dir.resolve("b")).doesNotExist();
        server.close().block();
        disk.close().block();
    }

    @Test
    void aFileSystemThatEndsEarlyLeavesRoom() throws IOException, InterruptedException {
        zeroes("a");
        tool("", "mkfs.ext4", "-q", "-F", path("a"), "16M");
        assertThat(dmio("mirror", "create", "a")).as(err()).isZero();
    }

    @Test
    void partitionTablesAndContentWithoutAMarkAreSeenAtTheEnd() throws IOException, InterruptedException {
        zeroes("gpt");
        tool("label: gpt\n,,L\n", "sfdisk", "-q", path("gpt"));
        assertThat(dmio("mirror", "create", "gpt")).isOne();
        assertThat(err()).contains("a GUID partition table reaches its end");
        file("random", BYTES);
        assertThat(dmio("mirror", "create", "random")).isOne();
        assertThat(err()).contains("its content reaches its end");
        zeroes("swap");
        tool("", "mkswap", "-q", path("swap"));
        zeroes("a");
        assertThat(dmio("mirror", "create", "a", "swap")).isOne();
        assertThat(err()).contains("holds swap space");
    }

    @Test
    void aLegThatWasRemovedIsAnImageAndNotOverwrittenUnasked() throws IOException, InterruptedException {
        zeroes("a");
        tool("", "mkfs.ext4", "-q", "-F", path("a"), "16M");
        zeroes("b");
        assertThat(dmio("mirror", "create", "a", "b")).as(err()).isZero();
        assertThat(dmio("mirror", "remove", "a", "b", "--out", "b")).as(err()).isZero();
        assertThat(dmio("mirror", "add", "a", "--new", "b")).isOne();
        assertThat(err()).contains("holds an ext file system"); // it is an image now
        assertThat(dmio("mirror", "add", "a", "--force", "--new", "b"))
                .as(err())
                .isZero();
    }

    private void zeroes(String name) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path(name), "rw")) {
            file.setLength(BYTES);
        }
    }

    private static void tool(String input, String... command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException absent) {
            assumeTrue(false, command[0] + " is not installed");
            return;
        }
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }
}
