package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.device.MemoryDevice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real clients on our server. Skipped, with a reason, where they are not installed; CI installs them. */
class NbdToolsTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final long SECTORS = 65_536; // 32 MiB

    private static final String PYTHON = "/usr/bin/python3"; // the system's, which has the package

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit's
    private Path directory;

    private MemoryDevice disk = MemoryDevice.of("disk", SECTORS);
    private MemoryDevice other = MemoryDevice.of("other", SECTORS);

    @SuppressWarnings("NullAway.Init") // in the beginning of each test
    private NbdServer server;

    @BeforeEach
    void serve() {
        server = NbdTestServer.started(NbdServer.builder()
                .bind(directory.resolve("nbd"))
                .export(NbdExport.of("disk", disk).withDescription("a disk in memory"))
                .export(NbdExport.of("other", other).asReadOnly()));
    }

    @AfterEach
    void stop() {
        server.close().block(PATIENCE);
        disk.close().block(PATIENCE);
        other.close().block(PATIENCE);
    }

    @Test
    void nbdinfoSeesEveryField() {
        Tool.assumeThere("nbdinfo");
        assertThat(Tool.run("nbdinfo", uri("disk")))
                .contains("newstyle-fixed without TLS", "export-size: 33554432", "description: a disk in memory")
                .contains("base:allocation", "is_read_only: false", "can_cache: true", "can_df: true")
                .contains("can_fast_zero: true", "can_flush: true", "can_fua: true", "can_multi_conn: true")
                .contains("can_trim: true", "can_zero: true", "block_size_minimum: 512")
                .contains("block_size_preferred: 4096", "block_size_maximum: 33554432");
        assertThat(Tool.run("nbdinfo", uri("other"))).contains("is_read_only: true", "can_zero: false");
        assertThat(Tool.run("nbdinfo", "--list", uri(""))).contains("export=\"disk\"", "export=\"other\"");
        assertThat(Tool.outcome("nbdinfo", uri("nobody")).code()).isNotZero();
    }

    @Test
    void nbdinfoMapsTheHoles() {
        Tool.assumeThere("nbdinfo");
        disk.load(2048, new byte[512 * 2048]); // 1 MiB from 1 MiB on has memory of its own
        assertThat(Tool.run("nbdinfo", "--map", uri("disk")).replaceAll(" +", " "))
                .contains(" 0 1048576 3 hole,zero")
                .contains(" 1048576 1048576 0 data")
                .contains(" 2097152 31457280 3 hole,zero");
    }

    @Test
    void nbdcopyCopiesBothWaysWithManyConnections() throws IOException {
        Tool.assumeThere("nbdcopy");
        Path in = randomFile("in");
        Path out = directory.resolve("out");
        Tool.run("nbdcopy", "--connections=8", "--threads=4", in.toString(), uri("disk"));
        Tool.run("nbdcopy", "--connections=8", "--threads=4", "--requests=64", uri("disk"), out.toString());
        assertThat(Files.mismatch(in, out)).isEqualTo(-1);
    }

    @Test
    void qemuImgConvertsComparesAndMeasures() throws IOException {
        Tool.assumeThere("qemu-img");
        Path in = randomFile("in");
        assertThat(Tool.run("qemu-img", "info", uri("disk"))).contains("virtual size: 32 MiB (33554432 bytes)");
        Tool.run("qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", in.toString(), uri("disk"));
        assertThat(Tool.run("qemu-img", "compare", "-f", "raw", "-F", "raw", in.toString(), uri("disk")))
                .contains("Images are identical");
        Path back = directory.resolve("back.qcow2");
        Tool.run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", uri("disk"), back.toString());
        Tool.run("qemu-img", "compare", "-f", "raw", "-F", "qcow2", uri("disk"), back.toString());
        Tool.run("qemu-img", "bench", "-f", "raw", "-c", "2000", "-d", "32", "-w", uri("disk"));
    }

    @Test
    void qemuIoReadsBackWhatItWroteInBytesOfAnyAlignment() {
        Tool.assumeThere("qemu-io");
        assertThat(Tool.run(
                        "qemu-io",
                        "-f",
                        "raw",
                        "-c",
                        "write -P 7 513 70000",
                        "-c",
                        "write -f -P 8 4095 2",
                        "-c",
                        "read -P 7 513 3582",
                        "-c",
                        "read -P 8 4095 2",
                        "-c",
                        "read -P 7 4097 66416",
                        "-c",
                        "read -P 0 0 513",
                        "-c",
                        "write -z 1000 3000",
                        "-c",
                        "read -P 0 1000 3000",
                        "-c",
                        "write -z -u 65536 1048576",
                        "-c",
                        "discard 0 1M",
                        "-c",
                        "flush",
                        uri("disk")))
                .doesNotContain("rror", "failed");
        assertThat(Tool.outcome("qemu-io", "-f", "raw", "-c", "write 0 512", uri("other"))
                        .text())
                .contains("Permission denied");
    }

    @Test
    void fioVerifiesWhatItWrote() {
        Tool.assumeThere("fio");
        assertThat(Tool.run(
                        "fio",
                        "--verify_state_save=0",
                        "--name=verify",
                        "--ioengine=nbd",
                        "--uri=" + uri("disk"),
                        "--rw=randwrite",
                        "--bsrange=512-128k",
                        "--iodepth=16",
                        "--size=16M",
                        "--fsync=64",
                        "--verify=crc32c",
                        "--do_verify=1",
                        "--randseed=7"))
                .contains("err= 0");
    }

    @Test
    void aScriptTriesWhatOthersDoNot() throws IOException {
        Tool.assumeThere("python3");
        assumeTrue(Tool.outcome(PYTHON, "-c", "import nbd").code() == 0, "python3-libnbd is not installed");
        Path script = directory.resolve("script.py");
        Files.writeString(script, SCRIPT, StandardCharsets.UTF_8);
        assertThat(Tool.run(PYTHON, script.toString(), uri("disk"))).contains("all good");
    }

    private static final String SCRIPT = """
            import errno, nbd, sys
            h = nbd.NBD()
            h.connect_uri(sys.argv[1])
            size = h.get_size()
            h.set_strict_mode(0)

            def refused(number, what):
                try:
                    what()
                except nbd.Error as error:
                    assert error.errnum == number, error
                else:
                    assert False, 'not refused'

            # Beyond the end: no space for writes, misuse for all else.
            refused(errno.ENOSPC, lambda: h.pwrite(b'x' * 512, size))
            refused(errno.ENOSPC, lambda: h.zero(1024, size - 512))
            refused(errno.EINVAL, lambda: h.pread(512, size))
            refused(errno.EINVAL, lambda: h.trim(512, size))
            # Flags that do not belong, and more than may be transferred: refused, and the connection lives on.
            refused(errno.EINVAL, lambda: h.pwrite(b'x' * 512, 0, nbd.CMD_FLAG_DF))
            refused(errno.EINVAL, lambda: h.pread(33 * 1024 * 1024, 0) if size > 33 * 1024 * 1024 else h.pread(1, size))
            # The whole disk in one request.
            pattern = bytes(range(256)) * (size // 256)
            h.pwrite(pattern, 0, nbd.CMD_FLAG_FUA)
            assert h.pread(size, 0) == pattern
            # Bytes of any alignment.
            h.pwrite(b'abc', 510)
            assert h.pread(5, 509) == b'\\xfdabc\\x01', h.pread(5, 509)
            # Zeroes arrive as holes, or as data where the client does not want pieces.
            h.zero(1024 * 1024, 0)
            kinds = []
            h.pread_structured(2 * 1024 * 1024, 0, lambda buf, off, kind, err: kinds.append(kind))
            assert nbd.READ_HOLE in kinds and nbd.READ_DATA in kinds, kinds
            kinds.clear()
            h.pread_structured(65536, 0, lambda buf, off, kind, err: kinds.append(kind), nbd.CMD_FLAG_DF)
            assert kinds == [nbd.READ_DATA], kinds
            h.zero(4096, 4096, nbd.CMD_FLAG_NO_HOLE)
            h.zero(4096, 4096, nbd.CMD_FLAG_FAST_ZERO)
            h.trim(4096, 8192)
            h.cache(4096, 0)
            h.flush()
            print('all good')
            """;

    private Path randomFile(String name) throws IOException {
        byte[] bytes = new byte[(int) (SECTORS * 512)];
        new Random(3).nextBytes(bytes);
        Arrays.fill(bytes, 5 << 20, 9 << 20, (byte) 0); // and a hole
        return Files.write(directory.resolve(name), bytes);
    }

    /** As libnbd writes it. */
    private String uri(String export) {
        return "nbd+unix:///" + export + "?socket=" + directory.resolve("nbd");
    }
}
