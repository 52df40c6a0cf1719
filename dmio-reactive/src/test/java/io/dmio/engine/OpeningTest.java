package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.Extent;
import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** What opening promises and refuses, the same for all engines. */
class OpeningTest extends EngineFixture {

    private static final OpenOptions READ_WRITE = OpenOptions.readWrite();

    private static final Path MEMORY = Path.of("/dev/shm");

    @ParameterizedTest
    @MethodSource("engines")
    void aFileSaysItsSizeEngineAndCapabilities(IoEngine engine) {
        Path file = directory.resolve("ä file");
        BlockDevice device = tracked(open(engine, file, READ_WRITE.withCreate(1 << 20)));
        assertThat(device.info().name()).isEqualTo(file.toString());
        assertThat(device.info().sectorCount()).isEqualTo(2048);
        assertThat(device.info().engine()).isEqualTo(engine.name());
        assertThat(device.info().logicalBlockBytes()).isEqualTo(512);
        assertThat(device.info().memoryAlignmentBytes()).isEqualTo(1);
        assertThat(device.info().capabilities())
                .contains(Capability.FLUSH, Capability.FUA)
                .doesNotContain(Capability.READ_ONLY);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void aSecondWriterIsRefusedEvenInTheSameProcess(IoEngine engine) {
        Path file = directory.resolve("file");
        BlockDevice first = tracked(open(engine, file, READ_WRITE.withCreate(4096)));
        refused(engine, file, READ_WRITE, Errno.EBUSY, "open for writing elsewhere");
        tracked(open(engine, file, READ_WRITE.withShared()));
        tracked(open(engine, file, OpenOptions.readOnly()));
        first.close().block(PATIENCE);
        tracked(open(engine, file, READ_WRITE));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void whatHasNoSectorsIsRefusedByItsName(IoEngine engine) throws Exception {
        refused(engine, directory, READ_WRITE, Errno.EISDIR, "is a directory");
        refused(engine, directory, OpenOptions.readOnly(), Errno.EISDIR, "is a directory");
        refused(engine, Path.of("/dev/null"), READ_WRITE, Errno.EINVAL, "is a character device");
        Path fifo = directory.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();
        refused(engine, fifo, OpenOptions.readOnly(), Errno.EINVAL, "is a FIFO");
        refused(engine, directory.resolve("missing"), READ_WRITE, Errno.ENOENT, "no such file");
        refused(engine, directory.resolve("missing/file"), READ_WRITE.withCreate(512), Errno.ENOENT, "no such file");
    }

    @ParameterizedTest
    @MethodSource("engines")
    void whatTheKernelSaysOfAPathArrivesByItsName(IoEngine engine) throws IOException {
        Path file = Files.write(directory.resolve("file"), new byte[512]);
        Path circle = directory.resolve("circle");
        Files.createSymbolicLink(circle, circle);
        refused(engine, file.resolve("below"), READ_WRITE, Errno.ENOTDIR, "a part of the path is not a directory");
        refused(engine, file.resolve("below"), READ_WRITE.withCreate(512), Errno.ENOTDIR, "a part of the path");
        refused(engine, directory.resolve("x".repeat(300)), READ_WRITE, Errno.ENAMETOOLONG, "the name is too long");
        refused(engine, circle, OpenOptions.readOnly(), Errno.ELOOP, "symbolic links that lead in a circle");
    }

    @ParameterizedTest
    @MethodSource("engines")
    void anExistingFileIsNotCreatedOver(IoEngine engine) throws IOException {
        Path file = Files.write(directory.resolve("file"), new byte[512]);
        refused(engine, file, READ_WRITE.withCreate(4096), Errno.EEXIST, "exists already");
        assertThat(file).hasSize(512);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void aSizeOfOddBytesIsRefusedOrTruncatedForReading(IoEngine engine) throws IOException {
        Path file = Files.write(directory.resolve("file"), new byte[1300]);
        refused(engine, file, READ_WRITE, Errno.EINVAL, "its size of 1300 bytes is not whole blocks of 512");
        refused(engine, file, OpenOptions.readOnly(), Errno.EINVAL, "276 bytes are left over");
        BlockDevice device = tracked(open(engine, file, OpenOptions.readOnly().withTruncatedTail()));
        assertThat(device.info().sectorCount()).isEqualTo(2);
        assertThat(device.info().can(Capability.READ_ONLY)).isTrue();
        assertThat(file).hasSize(1300);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void aSparseFileTakesNoSpaceAndAPreallocatedOneTakesItsOwn(IoEngine engine) throws Exception {
        tracked(open(engine, directory.resolve("sparse"), READ_WRITE.withCreate(8 << 20)));
        tracked(open(engine, directory.resolve("full"), READ_WRITE.withPreallocated(8 << 20)));
        assertThat(blocks("sparse")).isLessThan(100);
        assertThat(blocks("full")).isGreaterThanOrEqualTo(16384);
        refused(
                engine,
                directory.resolve("huge"),
                READ_WRITE.withPreallocated(
                        1L << 62), // beyond any file: nothing is allocated on the way to the refusal
                Errno.EFBIG,
                "cannot be made 4611686018427387904 bytes long");
        assertThat(directory.resolve("huge")).doesNotExist();
    }

    @ParameterizedTest
    @MethodSource("engines")
    void openingLeavesNoTrace(IoEngine engine) throws IOException {
        byte[] content = new byte[8192];
        new Random(1).nextBytes(content);
        for (Path parent : places()) {
            Path file = Files.write(Files.createTempFile(parent, "dmio-trace", null), content);
            try {
                Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000_000_000L));
                Object changed = Files.getAttribute(file, "unix:ctime");
                for (OpenOptions options : List.of(READ_WRITE, READ_WRITE.withShared(), OpenOptions.readOnly())) {
                    open(engine, file, options).close().block(PATIENCE);
                    if (!engine.name().equals(JdkEngine.NAME)) {
                        open(engine, file, options.withDirect(true)).close().block(PATIENCE);
                    }
                }
                assertThat(file).hasBinaryContent(content);
                assertThat(Files.getLastModifiedTime(file).toMillis()).isEqualTo(1_000_000_000_000L);
                assertThat(Files.getAttribute(file, "unix:ctime")).isEqualTo(changed);
            } finally {
                Files.delete(file);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("callers")
    void whatIsSaidOfHolesIsTrue(IoEngine engine) throws IOException {
        for (Path parent : places()) {
            Path file = Files.createTempDirectory(parent, "dmio-holes").resolve("file");
            BlockDevice device = open(engine, file, READ_WRITE.withCreate(1 << 20));
            try {
                assumeTrue(device.info().can(Capability.DISCARD), () -> "no holes on " + parent);
                write(device, 0, filled(1 << 20, 9));
                run(device, new BlockOp.Discard(0, 2048));
                assertThat(device.extents(0, 2048).block(PATIENCE))
                        .containsExactly(new Extent(0, 2048, Extent.Kind.HOLE));
            } finally {
                device.close().block(PATIENCE);
                Files.delete(file);
                Files.delete(file.getParent());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("callers")
    void theLargestFileCanBeDiscardedAsAnyOther(IoEngine engine) throws IOException {
        assumeTrue(Files.isDirectory(MEMORY), "other file systems end before");
        Path file = Files.createTempDirectory(MEMORY, "dmio-largest").resolve("file");
        try {
            BlockDevice device = open(engine, file, READ_WRITE.withCreate(Long.MAX_VALUE / 512 * 512));
            long sectors = device.info().sectorCount();
            assertThat(sectors).isEqualTo(Sectors.MAX);
            write(device, sectors - 8, filled(4096, 10));
            run(device, new BlockOp.Discard(sectors - 8, 8));
            assertThat(zeroes(read(device, sectors - 8, 4096), 0, 8)).isTrue();
            device.close().block(PATIENCE);
        } finally {
            Files.delete(file);
            Files.delete(file.getParent());
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void sectorsAreCountedPastFourGibAndTwoTib(IoEngine engine) {
        long sectors = (1L << 32) + 16; // 2 TiB and 8 KiB
        BlockDevice device = tracked(open(engine, directory.resolve("big"), READ_WRITE.withCreate(sectors * 512)));
        long[] edges = {0, (1L << 22) - 1, 1L << 22, (1L << 23) - 1, 1L << 23, (1L << 32) - 1, 1L << 32, sectors - 1};
        for (int i = 0; i < edges.length; i++) {
            write(device, edges[i], filled(512, i + 1));
        }
        for (int i = 0; i < edges.length; i++) {
            assertThat(all(read(device, edges[i], 512))).isEqualTo(all(filled(512, i + 1)));
        }
        assertThat(zeroes(read(device, 16, 512), 0, 1)).isTrue();
    }

    @ParameterizedTest
    @MethodSource("engines")
    void aFileTruncatedWhileOpenIsAnErrorAtItsEnd(IoEngine engine) throws IOException {
        Path file = directory.resolve("file");
        BlockDevice device = tracked(open(engine, file, READ_WRITE.withCreate(8192)));
        Files.write(file, new byte[4096]); // truncates, then writes half
        ByteBuf memory = memory(8192);
        StepVerifier.create(device.submit(new BlockOp.Read(0, memory)))
                .expectErrorSatisfies(error -> assertThat(error)
                        .isInstanceOf(DeviceException.class)
                        .hasMessageContaining("end of file inside the range, at byte 4096"))
                .verify(PATIENCE);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void readOnlyMemoryIsNotReadInto(IoEngine engine) {
        BlockDevice device = tracked(open(engine, directory.resolve("file"), READ_WRITE.withCreate(4096)));
        refuses(device, new BlockOp.Read(0, memory(4096).asReadOnly()), Errno.EINVAL);
        write(device, 0, filled(4096, 1).asReadOnly());
    }

    @ParameterizedTest
    @MethodSource("engines")
    void openingIsColdAndEachSubscriptionOpensAgain(IoEngine engine) throws IOException {
        Path file = directory.resolve("file");
        Mono<BlockDevice> opening = engine.open(file, OpenOptions.readOnly());
        Files.write(file, new byte[512]);
        BlockDevice one = tracked(opening.blockOptional(PATIENCE).orElseThrow());
        BlockDevice two = tracked(opening.blockOptional(PATIENCE).orElseThrow());
        one.close().block(PATIENCE);
        read(two, 0, 512);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void anOpenThatMeetsACancelLeavesNoLock(IoEngine engine) throws IOException {
        Path file = Files.write(directory.resolve("file"), new byte[512]);
        for (int i = 0; i < 300; i++) {
            engine.open(file, READ_WRITE)
                    .onErrorComplete()
                    .subscribe(device -> device.close().subscribe())
                    .dispose();
        }
        Mono<BlockDevice> opening =
                engine.open(file, READ_WRITE).retry(100_000); // until the last cancelled one is closed
        tracked(opening.blockOptional(PATIENCE).orElseThrow());
    }

    private List<Path> places() {
        return Files.isDirectory(MEMORY) ? List.of(directory, MEMORY) : List.of(directory);
    }

    private long blocks(String name) throws IOException {
        Process stat =
                new ProcessBuilder("stat", "-c", "%b", directory.resolve(name).toString()).start();
        return Long.parseLong(new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).trim());
    }

    private static void refused(IoEngine engine, Path file, OpenOptions options, Errno errno, String text) {
        StepVerifier.create(engine.open(file, options))
                .expectErrorSatisfies(error -> {
                    assertThat(error).isInstanceOf(DeviceException.class).hasMessageContaining(text);
                    assertThat(((DeviceException) error).errno()).isEqualTo(errno);
                })
                .verify(PATIENCE);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void aFileIsMadeWithItsModeAndOneThatExistsKeepsIts(IoEngine engine) throws IOException {
        Path file = directory.resolve("private");
        open(engine, file, READ_WRITE.withMode(0600).withCreate(4096)).close().block(PATIENCE);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        open(engine, file, READ_WRITE.withMode(0666)).close().block(PATIENCE);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }
}
