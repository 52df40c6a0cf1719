package io.dmio.copy;

import static io.dmio.copy.CopyFixture.blank;
import static io.dmio.copy.CopyFixture.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.Errno;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.copy.CopyOptions.Sparse;
import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.ManualDevice;
import io.dmio.testkit.Patterns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs of zeroes: found in pages, across the borders of pieces, skipped or punched. */
class CopySparseTest {

    private static final int SECTORS = 16 * 8 + 3; // an odd end
    private final CopyService service = CopyService.builder().piecePages(4).build();

    /** All pattern, but for some zero sectors. */
    private static MemoryDevice source(long zeroFrom, int zeroCount) {
        MemoryDevice source = CopyFixture.source(SECTORS);
        source.load(zeroFrom, new byte[zeroCount * 512]);
        return source;
    }

    private static CopyOptions options(Sparse sparse) {
        return CopyOptions.NONE.with(sparse);
    }

    @ParameterizedTest(name = "zero from {0} on, {1} sectors: {2} sectors left out")
    @CsvSource({
        "0, 8, 8", // the first page
        "0, 131, 131", // everything, an odd end
        "128, 3, 3", // the odd end
        "24, 16, 16", // across a piece border
        "24, 17, 16", // and a sector more
        "23, 10, 8", // a sector before, one after
        "9, 7, 0", // inside a page
        "32, 64, 64", // two whole pieces
        "127, 4, 3"
    })
    void zeroPagesAreSkippedAndTheRestIsCopied(int from, int count, int left) {
        MemoryDevice source = source(from, count);
        MemoryDevice leg = blank("leg", SECTORS, 512);

        CopyResult result = run(service.copy(IoRegion.all(source), List.of(IoRegion.all(leg)), options(Sparse.SKIP)));

        assertThat(result.isComplete()).isTrue();
        assertThat(result.bytesZero()).isEqualTo(left * 512L);
        assertThat(result.bytesCopied()).isEqualTo((SECTORS - left) * 512L);
        assertThat(leg.snapshot(0, SECTORS)).isEqualTo(source.snapshot(0, SECTORS));
    }

    @Test
    void skippedRunsAreNotTouched() {
        ManualDevice leg = ManualDevice.of("leg", 32);
        service.copy(IoRegion.all(MemoryDevice.of("zero", 32)), List.of(IoRegion.all(leg)), options(Sparse.SKIP))
                .run()
                .block();
        assertThat(leg.ops()).isEmpty();
    }

    @Test
    void punchedRunsBecomeZeroWithoutBeingSentWhereTheDeviceCan() {
        MemoryDevice source = source(24, 16);
        FaultyDevice discards = FaultyDevice.of(CopyFixture.source(SECTORS));
        FaultyDevice zeroes = FaultyDevice.of(with(Capability.WRITE_ZEROES, Capability.DISCARD));
        FaultyDevice writes = FaultyDevice.of(with(Capability.DISCARD));
        List<FaultyDevice> all = List.of(discards, zeroes, writes);

        CopyResult result = run(service.copy(
                IoRegion.all(source), all.stream().map(IoRegion::all).toList(), options(Sparse.PUNCH)));

        assertThat(result.isComplete()).isTrue();
        assertThat(result.bytesZero()).isEqualTo(16 * 512);
        assertThat(discards.ops(BlockOp.Kind.DISCARD)).isEqualTo(2); // one on each side of the border
        assertThat(discards.ops(BlockOp.Kind.WRITE_ZEROES)).isZero();
        assertThat(zeroes.ops(BlockOp.Kind.WRITE_ZEROES)).isEqualTo(2);
        assertThat(zeroes.ops(BlockOp.Kind.DISCARD)).isZero(); // it may answer what it likes afterwards
        assertThat(writes.ops(BlockOp.Kind.DISCARD)).isZero();
        all.forEach(leg -> assertThat(content(leg)).isEqualTo(source.snapshot(0, SECTORS)));
    }

    /** Full of something else, and able to do what is named. */
    private static MemoryDevice with(Capability... can) {
        MemoryDevice device =
                MemoryDevice.of(MemoryDevice.of("leg", SECTORS).info().withCapabilities(Set.of(can)));
        device.load(0, Patterns.bytes(0, SECTORS, 99));
        return device;
    }

    private static byte[] content(BlockDevice device) {
        ByteBuf all = Unpooled.directBuffer(SECTORS * 512, SECTORS * 512);
        try {
            device.submit(new BlockOp.Read(0, all)).block();
            byte[] bytes = new byte[SECTORS * 512];
            all.getBytes(0, bytes);
            return bytes;
        } finally {
            all.release();
        }
    }

    @Test
    void aFailedPunchSetsItsBit() {
        FaultyDevice bad = FaultyDevice.of(
                blank("bad", SECTORS, 512), Fault.errno(Errno.EIO).on(BlockOp.Kind.DISCARD));

        CopyResult result =
                run(service.copy(IoRegion.all(source(0, 8)), List.of(IoRegion.all(bad)), options(Sparse.PUNCH)));

        assertThat(result.errors()).isEqualTo(ErrorBits.ofBits(1));
        assertThat(result.bytesZero()).isZero();
    }

    @Test
    void zeroRunsKeepToTheBlocksOfTheDestination() {
        MemoryDevice source = CopyFixture.source(128);
        source.load(8, new byte[40 * 512]);
        MemoryDevice coarse = blank("coarse", 128, 16384);

        CopyResult result =
                run(service.copy(IoRegion.all(source), List.of(IoRegion.all(coarse)), options(Sparse.PUNCH)));

        assertThat(result.isComplete()).isTrue();
        assertThat(result.bytesZero()).isZero(); // [8, 48) holds no whole block of 32 sectors
        assertThat(coarse.snapshot(0, 128)).isEqualTo(source.snapshot(0, 128));
    }

    @Test
    void sparseWritesAscendToo() {
        ManualDevice leg = ManualDevice.of("leg", 128);
        MemoryDevice source = CopyFixture.source(128);
        LongStream.iterate(0, at -> at < 128, at -> at + 16).forEach(at -> source.load(at, new byte[8 * 512]));

        service.copy(
                        IoRegion.all(source),
                        List.of(IoRegion.all(leg)),
                        options(Sparse.SKIP).withAscending())
                .run()
                .subscribe();
        for (int i = 0; i < 8; i++) {
            assertThat(leg.ops()).hasSize(i + 1);
            leg.answer(i);
        }

        assertThat(leg.ops().stream().map(BlockOp::sector)).containsExactly(8L, 24L, 40L, 56L, 72L, 88L, 104L, 120L);
    }

    @Test
    void unreadSectorsAreNotTakenForZeroes() {
        FaultyDevice bad = FaultyDevice.of(CopyFixture.source(64), Fault.badSectors(8, 8));
        MemoryDevice leg = CopyFixture.source(64);

        CopyResult result = run(service.copy(
                IoRegion.all(bad),
                List.of(IoRegion.all(leg)),
                options(Sparse.PUNCH).withGoOnAfterError()));

        assertThat(result.bytesZero()).isZero();
        CopyFixture.assertCopied(leg, 0, 0, 64);
    }
}
