package io.dmio.copy;

import static io.dmio.copy.CopyFixture.PAGE_SECTORS;
import static io.dmio.copy.CopyFixture.assertCopied;
import static io.dmio.copy.CopyFixture.assertIdle;
import static io.dmio.copy.CopyFixture.assertUntouched;
import static io.dmio.copy.CopyFixture.blank;
import static io.dmio.copy.CopyFixture.onePagePieces;
import static io.dmio.copy.CopyFixture.part;
import static io.dmio.copy.CopyFixture.run;
import static io.dmio.copy.CopyFixture.source;
import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.ManualDevice;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.StepVerifier;

/** Errors of reads, writes and flushes: summed up, and what was not read is not written. */
class CopyErrorsTest {

    private static final int PIECES = 10;
    private static final int SECTORS = PIECES * PAGE_SECTORS;
    private static final CopyOptions GO_ON = CopyOptions.NONE.withGoOnAfterError();

    private final CopyService service = onePagePieces().piecesInFlightMax(1).build();
    private final MemoryDevice source = source(SECTORS);
    private final MemoryDevice good = blank("good", SECTORS, 512);
    private final MemoryDevice behind = blank("bad", SECTORS, 512);

    @AfterEach
    void nothingIsLeftInFlight() {
        assertIdle(service);
    }

    private static Fault failing(BlockOp.Kind kind, int piece) {
        return Fault.errno(Errno.EIO).on(kind).within((long) piece * PAGE_SECTORS, PAGE_SECTORS);
    }

    private static IoRegion all(BlockDevice device) {
        return IoRegion.all(device);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, PIECES - 1})
    void aFailedReadEndsTheCopyAndItsPieceIsNotWritten(int piece) {
        FaultyDevice bad = FaultyDevice.of(source, failing(BlockOp.Kind.READ, piece));

        CopyResult result = run(service.copy(all(bad), List.of(all(good), all(behind))));

        int before = piece * PAGE_SECTORS;
        assertThat(result.isComplete()).isFalse();
        assertThat(result.errors()).isEqualTo(ErrorBits.ofBits(0b11));
        assertThat(result.errors().cause(1).map(DeviceException::errno)).hasValue(Errno.EIO);
        assertThat(result.unread()).containsExactly(part(bad, before, PAGE_SECTORS));
        assertThat(result.bytesCopied()).isEqualTo(before * 512L);
        assertThat(result.bytesDone()).isEqualTo((before + PAGE_SECTORS) * 512L);
        assertThat(bad.ops(BlockOp.Kind.READ)).isEqualTo(piece + 1);
        assertCopied(good, 0, 0, before);
        assertUntouched(good, before, SECTORS - before);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, PIECES - 1})
    void aFailedWriteEndsTheCopyWithItsBitOnly(int piece) {
        FaultyDevice watched = FaultyDevice.of(source);
        FaultyDevice bad = FaultyDevice.of(behind, failing(BlockOp.Kind.WRITE, piece));

        CopyResult result = run(service.copy(all(watched), List.of(all(good), all(bad))));

        assertThat(result.errors()).isEqualTo(ErrorBits.ofBits(0b10));
        assertThat(result.errors().cause(1).map(DeviceException::sector)).hasValue((long) piece * PAGE_SECTORS);
        assertThat(result.unread()).isEmpty();
        assertThat(result.isComplete()).isFalse();
        assertThat(watched.ops(BlockOp.Kind.READ)).isEqualTo(piece + 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, PIECES - 1})
    void goingOnCopiesAllButTheSectorsThatCannotBeRead(int piece) {
        long badSector = (long) piece * PAGE_SECTORS + 3;
        FaultyDevice bad = FaultyDevice.of(source, Fault.badSectors(badSector, 2));

        CopyResult result = run(service.copy(all(bad), List.of(all(good), all(behind)), GO_ON));

        assertThat(result.errors()).isEqualTo(ErrorBits.ofBits(0b11));
        assertThat(result.unread()).containsExactly(part(bad, badSector, 2));
        assertThat(result.bytesDone()).isEqualTo(result.bytesTotal());
        assertThat(result.bytesCopied()).isEqualTo((SECTORS - 2) * 512L);
        assertCopied(good, 0, 0, (int) badSector);
        assertUntouched(good, badSector, 2);
        assertCopied(good, badSector + 2, badSector + 2, (int) (SECTORS - badSector - 2));
    }

    @Test
    void whatCannotBeReadIsRoundedToTheBlocksOfTheDestination() {
        FaultyDevice bad = FaultyDevice.of(source, Fault.badSectors(11, 1));
        MemoryDevice coarse = blank("coarse", SECTORS, 4096);

        CopyResult result = run(service.copy(all(bad), List.of(all(coarse)), GO_ON));

        assertThat(result.unread()).containsExactly(part(bad, 8, 8));
        assertUntouched(coarse, 8, 8);
        assertCopied(coarse, 16, 16, SECTORS - 16);
    }

    @Test
    void destinationsKeepWhatTheyHadWhereTheSourceCannotBeRead() {
        FaultyDevice dead = FaultyDevice.of(blank("dead", SECTORS, 512), Fault.errno(Errno.EIO));

        CopyResult result = run(service.copy(all(dead), List.of(all(source)), GO_ON));

        assertThat(result.unread()).containsExactly(all(dead));
        assertCopied(source, 0, 0, SECTORS);
    }

    @Test
    void goingOnKeepsWritingWhereItCanAndKeepsEveryBit() {
        FaultyDevice first = FaultyDevice.of(good, failing(BlockOp.Kind.WRITE, 0));
        FaultyDevice last = FaultyDevice.of(behind, failing(BlockOp.Kind.WRITE, PIECES - 1));
        MemoryDevice third = blank("third", SECTORS, 512);

        CopyResult result = run(service.copy(all(source), List.of(all(first), all(third), all(last)), GO_ON));

        assertThat(result.errors()).isEqualTo(ErrorBits.ofBits(0b101));
        assertThat(result.errors().cause(0).map(DeviceException::device)).hasValue("good");
        assertThat(result.errors().cause(2).map(DeviceException::device)).hasValue("bad");
        assertThat(result.bytesDone()).isEqualTo(result.bytesTotal());
        assertThat(result.bytesCopied()).isEqualTo(SECTORS * 512L); // the third has all
        assertCopied(third, 0, 0, SECTORS);
        assertCopied(good, PAGE_SECTORS, PAGE_SECTORS, SECTORS - PAGE_SECTORS);
        assertCopied(behind, 0, 0, SECTORS - PAGE_SECTORS);
    }

    @Test
    void anErrorLetsNothingNewStartThoughOthersAreInFlight() {
        CopyService wide = onePagePieces().piecesInFlightMax(4).build();
        ManualDevice manual = ManualDevice.of("manual", SECTORS);

        StepVerifier.create(wide.copy(all(manual), List.of(all(good))).run())
                .then(() -> {
                    assertThat(manual.ops()).hasSize(4);
                    manual.fail(2, Errno.EIO);
                    manual.answer(3);
                    manual.answer(1);
                })
                .then(() -> assertThat(wide.budget().inUse()).isOne())
                .then(() -> manual.answer(0))
                .expectNextMatches(result -> result.errors().equals(ErrorBits.ofBits(1)) && result.bytesDone() == 4096)
                .verifyComplete();
        assertThat(manual.ops()).hasSize(4);
        assertUntouched(good, 0, SECTORS);
        assertIdle(wide);
    }

    @Test
    void aDestinationThatCannotTakeTheRegionIsRefusedWholeAndTheOthersAreCopied() {
        MemoryDevice coarse = blank("coarse", SECTORS * 2L, 4096);
        MemoryDevice readOnly = MemoryDevice.of(good.info().withCapabilities(EnumSet.of(Capability.READ_ONLY)));
        List<IoRegion> to = List.of(part(coarse, 1, SECTORS), all(behind), part(good, 1, SECTORS), all(readOnly));

        CopyResult stopped = run(service.copy(all(source), to));
        assertThat(stopped.errors()).isEqualTo(ErrorBits.ofBits(0b1101));
        assertThat(stopped.bytesDone()).isZero();
        assertUntouched(behind, 0, SECTORS);

        CopyResult result = run(service.copy(all(source), to, GO_ON));
        assertThat(result.errors()).isEqualTo(ErrorBits.ofBits(0b1101));
        assertThat(List.of(0, 2, 3))
                .map(i -> result.errors().cause(i).orElseThrow().errno())
                .containsExactly(Errno.EINVAL, Errno.ENOSPC, Errno.EROFS);
        assertCopied(behind, 0, 0, SECTORS);
        assertUntouched(coarse, 0, SECTORS);
        assertUntouched(good, 0, SECTORS);
    }

    @Test
    void bytesCopiedAreThoseThatSomeDestinationHas() {
        FaultyDevice dead = FaultyDevice.of(behind, Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE));
        MemoryDevice third = blank("third", SECTORS, 512);
        FaultyDevice half = FaultyDevice.of(third, failing(BlockOp.Kind.WRITE, 3));
        IoRegion refused = part(blank("short", SECTORS, 512), 1, SECTORS);

        CopyResult some = run(service.copy(all(source), List.of(all(dead), all(good)), GO_ON));
        CopyResult few = run(service.copy(all(source), List.of(all(dead), refused, all(half)), GO_ON));
        CopyResult none = run(service.copy(all(source), List.of(all(dead), refused), GO_ON));

        assertThat(some.errors()).isEqualTo(ErrorBits.ofBits(0b01));
        assertThat(some.bytesCopied()).isEqualTo(SECTORS * 512L);
        assertThat(few.errors()).isEqualTo(ErrorBits.ofBits(0b111));
        assertThat(few.bytesCopied()).isEqualTo((SECTORS - PAGE_SECTORS) * 512L);
        assertThat(none.bytesCopied()).isZero();
        assertThat(List.of(some, few, none))
                .allMatch(result -> result.bytesDone() == result.bytesTotal() && !result.isComplete());
    }

    @Test
    void bytesZeroedAreThoseThatSomeDestinationHas() {
        FaultyDevice dead = FaultyDevice.of(behind, Fault.errno(Errno.EIO));
        IoRegion refused = part(source, 1, SECTORS);
        MemoryDevice zeroes = blank("zeroes", SECTORS, 512);
        List<IoRegion> to = List.of(all(dead), refused, all(good));

        for (CopyOptions.Sparse sparse : List.of(CopyOptions.Sparse.SKIP, CopyOptions.Sparse.PUNCH)) {
            assertThat(run(service.copy(all(zeroes), to, GO_ON.with(sparse))).bytesZero())
                    .isEqualTo(SECTORS * 512L);
        }
        assertThat(run(service.copy(all(zeroes), to.subList(0, 2), GO_ON.with(CopyOptions.Sparse.PUNCH)))
                        .bytesZero())
                .isZero();
        assertThat(run(service.zero(to.subList(0, 2), GO_ON)).bytesCopied()).isZero();
    }

    @Test
    void aFailedFlushSetsItsBit() {
        FaultyDevice bad = FaultyDevice.of(behind, Fault.errno(Errno.EIO).on(BlockOp.Kind.FLUSH));

        CopyResult result = run(service.copy(all(source), List.of(all(good), all(bad)), CopyOptions.NONE.withFlush()));

        assertThat(result.errors()).isEqualTo(ErrorBits.ofBits(0b10));
        assertThat(result.isComplete()).isFalse();
    }

    @Test
    void afterAnErrorThatEndsTheCopyNothingIsFlushed() {
        FaultyDevice bad = FaultyDevice.of(behind, failing(BlockOp.Kind.WRITE, 0));

        run(service.copy(all(source), List.of(all(bad)), CopyOptions.NONE.withFlush()));

        assertThat(bad.ops(BlockOp.Kind.FLUSH)).isZero();
    }

    @Test
    void zeroingSumsUpErrorsToo() {
        FaultyDevice bad = FaultyDevice.of(source, failing(BlockOp.Kind.WRITE_ZEROES, 4));

        CopyResult result = run(service.zero(List.of(all(good), all(bad)), GO_ON));

        assertThat(result.errors()).isEqualTo(ErrorBits.ofBits(0b10));
        assertThat(result.bytesCopied()).isEqualTo(SECTORS * 512L); // the good one has all
        assertUntouched(source, 0, 4 * PAGE_SECTORS);
        assertCopied(source, 4L * PAGE_SECTORS, 4L * PAGE_SECTORS, PAGE_SECTORS);
    }
}
