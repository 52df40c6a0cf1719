package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.dmio.device.MemoryDevice;
import io.dmio.testkit.ManualDevice;
import io.dmio.testkit.Patterns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Writes to many regions: the same bytes to each, one bit for each, whatever fails. */
class DmIoWriteTest {

    private final DmIo io = DmIo.create().get(64);

    @Test
    void threeRegionsAtDifferentSectorsGetTheSameBytesFromByteZero() {
        List<MemoryDevice> disks = disks(3, 1000);
        byte[] pattern = Patterns.bytes(0, 16, 7);
        List<IoRegion> regions = List.of(region(disks, 0, 0, 16), region(disks, 1, 100, 16), region(disks, 2, 984, 16));

        StepVerifier.create(io.write(regions, VmBuffer.of(pattern)))
                .expectNext(ErrorBits.NONE)
                .verifyComplete();

        for (IoRegion region : regions) {
            assertThat(((MemoryDevice) region.device()).snapshot(region.sector(), 16))
                    .isEqualTo(pattern);
        }
        assertThat(disks.get(1).snapshot(99, 1)).as("the neighbour before").isEqualTo(new byte[512]);
        assertThat(disks.get(1).snapshot(116, 1)).as("the neighbour after").isEqualTo(new byte[512]);
    }

    @Test
    void aFailedLegSetsOnlyItsOwnBitAndTheOthersAreWrittenWhole() {
        ManualDevice[] disks = manual(3);
        var result = io.write(all(disks), VmBuffer.of(new byte[4096])).toFuture();
        disks[0].answer(0);
        disks[1].fail(0, Errno.EIO);
        assertThat(result).as("the third has not answered").isNotDone();
        disks[2].answer(0);

        assertThat(result.join()).isEqualTo(ErrorBits.ofBits(0b010));
        assertThat(result.join().cause(1)).hasValueSatisfying(cause -> {
            assertThat(cause.errno()).isEqualTo(Errno.EIO);
            assertThat(cause.device()).isEqualTo("disk1");
            assertThat(cause.sectorCount()).isEqualTo(8);
        });
        assertThat(disks[2].detached()).as("no sibling is cancelled").isZero();
    }

    @Test
    void anErrorSignalOfOneLegNeverCancelsTheOthers() {
        ManualDevice[] disks = manual(2);
        var result = io.write(all(disks), VmBuffer.of(new byte[4096])).toFuture();
        disks[0].fail(0, Errno.EIO);

        assertThat(disks[1].detached()).isZero();
        disks[1].answer(0);
        assertThat(result.join().toLong()).isEqualTo(1);
    }

    @Test
    void aDeviceThatThrowsIsAnEioOfItsRegion() {
        BlockDevice broken = new BlockDevice() {
            @Override
            public DeviceInfo info() {
                return DeviceInfo.of("broken", 80, "test");
            }

            @Override
            public Mono<Void> submit(BlockOp op) {
                throw new IllegalStateException("a bug");
            }

            @Override
            public Mono<Void> close() {
                return Mono.empty();
            }
        };
        MemoryDevice good = MemoryDevice.of("good", 80);
        ErrorBits bits = io.writeSync(
                List.of(new IoRegion(broken, 0, 8), new IoRegion(good, 0, 8)), VmBuffer.of(new byte[4096]));

        assertThat(bits.toLong()).isEqualTo(1);
        assertThat(bits.cause(0).orElseThrow()).hasMessageContaining("a bug").hasMessageStartingWith("EIO: broken");
    }

    @Test
    void noRegionsAndEmptyRegionsSucceedWithoutTouchingADevice() {
        ManualDevice disk = ManualDevice.of("disk", 80);
        VmBuffer memory = VmBuffer.of(new byte[512]);

        assertThat(io.writeSync(List.of(), memory)).isEqualTo(ErrorBits.NONE);
        assertThat(io.writeSync(List.of(new IoRegion(disk, 5, 0)), memory)).isEqualTo(ErrorBits.NONE);
        assertThat(disk.ops()).isEmpty();
    }

    @Test
    void skippedRegionsDoNotShiftTheBitsOfThoseAfterThem() {
        ManualDevice[] disks = manual(4);
        var result = io.write(
                        List.of(
                                new IoRegion(disks[0], 0, 0),
                                new IoRegion(disks[1], 0, 1),
                                new IoRegion(disks[2], 0, 0),
                                new IoRegion(disks[3], 0, 1)),
                        VmBuffer.of(new byte[512]))
                .toFuture();
        disks[1].answer(0);
        disks[3].fail(0, Errno.EIO);

        assertThat(result.join().toLong()).isEqualTo(0b1000);
        assertThat(disks[0].ops()).isEmpty();
        assertThat(disks[2].ops()).isEmpty();
    }

    @Test
    void aFlushReachesRegionsOfZeroSectorsAndTellsWhichFailed() {
        ManualDevice[] disks = manual(3);
        List<IoRegion> empty = IntStream.range(0, 3)
                .mapToObj(i -> new IoRegion(disks[i], 0, 0))
                .toList();
        var result = io.flush(empty).toFuture();
        disks[0].answer(0);
        disks[1].fail(0, Errno.EIO);
        disks[2].answer(0);

        assertThat(result.join().toLong()).isEqualTo(0b010);
        assertThat(disks).allSatisfy(disk -> assertThat(disk.ops()).containsExactly(new BlockOp.Flush()));
    }

    @Test
    void aPreflushGoesFirstAndAFailedOneKeepsItsLegUnwritten() {
        ManualDevice[] disks = manual(3);
        List<IoRegion> regions =
                List.of(new IoRegion(disks[0], 0, 8), new IoRegion(disks[1], 0, 8), new IoRegion(disks[2], 0, 0));
        var result = io.write(regions, VmBuffer.of(new byte[4096]), WriteOptions.NONE.withPreflush())
                .toFuture();
        disks[0].answer(0);
        disks[1].fail(0, Errno.EIO);
        assertThat(disks[0].ops()).as("no byte before every flush has ended").hasSize(1);
        disks[2].answer(0);
        disks[0].answer(1);

        assertThat(result.join().toLong()).isEqualTo(0b010);
        assertThat(disks[0].ops()).extracting(BlockOp::kind).containsExactly(BlockOp.Kind.FLUSH, BlockOp.Kind.WRITE);
        assertThat(disks[1].ops()).extracting(BlockOp::kind).containsExactly(BlockOp.Kind.FLUSH);
        assertThat(disks[2].ops()).extracting(BlockOp::kind).containsExactly(BlockOp.Kind.FLUSH);
    }

    @Test
    void forceUnitAccessIsPassedOnOrMadeOfAFlush() {
        ManualDevice with = ManualDevice.of("with", 8);
        ManualDevice without = new ManualDevice(with.info().withCapabilities(Set.of(Capability.FLUSH)));
        ManualDevice neither = new ManualDevice(with.info().withCapabilities(Set.of()));
        var result = io.write(all(with, without, neither), VmBuffer.of(new byte[4096]), WriteOptions.NONE.withFua())
                .toFuture();
        with.answer(0);
        without.answer(0);
        assertThat(result).as("the flush is still to come").isNotDone();
        without.answer(1);

        assertThat(result.join().toLong()).isEqualTo(0b100);
        assertThat(result.join().cause(2).orElseThrow().errno()).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(((BlockOp.Write) with.ops().get(0)).fua()).isTrue();
        assertThat(((BlockOp.Write) without.ops().get(0)).fua()).isFalse();
        assertThat(without.ops().get(1)).isEqualTo(new BlockOp.Flush());
        assertThat(neither.ops()).isEmpty();
    }

    @Test
    void aRegionOneSectorPastTheEndSetsItsBitAndTransfersNothing() {
        ManualDevice small = ManualDevice.of("small", 7);
        MemoryDevice large = MemoryDevice.of("large", 8);
        ErrorBits bits = io.writeSync(
                List.of(new IoRegion(small, 0, 8), new IoRegion(large, 0, 8)), VmBuffer.of(Patterns.bytes(0, 8, 1)));

        assertThat(bits.toLong()).isEqualTo(1);
        assertThat(bits.cause(0).orElseThrow().errno()).isEqualTo(Errno.ENOSPC);
        assertThat(small.ops()).isEmpty();
        assertThat(large.snapshot(0, 8)).isEqualTo(Patterns.bytes(0, 8, 1));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 30, 31, 32, 33, 62, 63})
    void sixtyFourRegionsWorkAndEachFailingOneHasItsBit(int failing) {
        ManualDevice[] disks = manual(64);
        var result = io.write(all(disks), VmBuffer.of(new byte[4096])).toFuture();
        for (int i = 63; i >= 0; i--) {
            if (i == failing) {
                disks[i].fail(0, Errno.EIO);
            } else {
                disks[i].answer(0);
            }
        }

        assertThat(result.join().toLong()).isEqualTo(1L << failing);
    }

    @Test
    void sixtyFiveRegionsAreRefusedBeforeAnyIo() {
        ManualDevice[] disks = manual(65);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> io.write(all(disks), VmBuffer.of(new byte[4096])))
                .withMessageContaining("65 regions");
        assertThat(disks).allSatisfy(disk -> assertThat(disk.ops()).isEmpty());
    }

    @Test
    void memoryShorterThanARegionIsRefusedBeforeAnyIo() {
        ManualDevice disk = ManualDevice.of("disk", 80);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> io.write(all(disk), VmBuffer.of(new byte[4095])))
                .withMessageContaining("4095 bytes");
        assertThat(disk.ops()).isEmpty();
    }

    @Test
    void memoryLongerThanTheRegionIsReadOnlyAsFarAsTheRegionGoes() {
        MemoryDevice disk = MemoryDevice.of("disk", 80);
        io.writeSync(List.of(new IoRegion(disk, 0, 1)), VmBuffer.of(Patterns.bytes(0, 8, 3)));

        assertThat(disk.snapshot(0, 1)).isEqualTo(Patterns.bytes(0, 1, 3));
        assertThat(disk.snapshot(1, 1)).isEqualTo(new byte[512]);
    }

    @Test
    void regionsOfDifferentLengthsEachTakeTheirShare() {
        List<MemoryDevice> disks = disks(3, 3000);
        byte[] pattern = Patterns.bytes(0, 2500, 9);
        DmIo small = DmIo.create().get(16);
        List<IoRegion> regions = List.of(region(disks, 0, 0, 1), region(disks, 1, 7, 2500), region(disks, 2, 0, 129));

        assertThat(small.writeSync(regions, VmBuffer.of(pattern))).isEqualTo(ErrorBits.NONE);

        assertThat(disks.get(0).snapshot(0, 2)).isEqualTo(prefix(pattern, 1, 2));
        assertThat(disks.get(1).snapshot(7, 2500)).isEqualTo(pattern);
        assertThat(disks.get(2).snapshot(0, 200)).isEqualTo(prefix(pattern, 129, 200));
    }

    @ParameterizedTest
    @ValueSource(ints = {2039, 2040, 2048, 65536})
    void largeRegionsAreCutToTheTransferLimit(int sectors) {
        ManualDevice disk = new ManualDevice(DeviceInfo.of("disk", 65536, "manual"));
        DmIo large = DmIo.create().get(1 << 16);
        PageList memory = PageList.allocate((sectors + 7) / 8);
        var result =
                large.write(List.of(new IoRegion(disk, 0, sectors)), memory).toFuture();
        disk.answerFrom(0);

        assertThat(result.join()).isEqualTo(ErrorBits.NONE);
        assertThat(disk.ops()).hasSize((sectors + 2047) / 2048);
        assertThat(disk.ops()).allMatch(op -> op.sectorCount() <= 2048);
        assertThat(disk.ops().stream().mapToLong(BlockOp::sectorCount).sum()).isEqualTo(sectors);
        memory.release();
    }

    @Test
    void eachLegIsCutToItsOwnLimitAndOneFailedPieceIsEnough() {
        ManualDevice coarse = ManualDevice.of("coarse", 80);
        ManualDevice fine = new ManualDevice(coarse.info().withTransferBytesMax(512));
        var result =
                io.write(all(coarse, fine), VmBuffer.of(new byte[80 * 512])).toFuture();
        coarse.answer(0);
        for (int i = 79; i >= 0; i--) {
            if (i < fine.ops().size() && i != 40) {
                fine.answer(i);
            }
        }
        fine.fail(40, Errno.EIO);
        for (int i = 64; i < fine.ops().size(); i++) {
            if (fine.ops().size() > 64) {
                fine.answer(i);
            }
        }

        assertThat(result.join().toLong()).isEqualTo(0b10);
        assertThat(result.join().cause(1).orElseThrow().sector()).isEqualTo(40);
        assertThat(coarse.ops()).hasSize(1);
        assertThat(fine.ops()).hasSize(80);
    }

    @Test
    void theRegionListMayChangeAfterTheCall() {
        List<MemoryDevice> disks = disks(2, 80);
        List<IoRegion> regions = new ArrayList<>(List.of(region(disks, 0, 0, 8)));
        Mono<ErrorBits> write = io.write(regions, VmBuffer.of(Patterns.bytes(0, 8, 1)));
        regions.set(0, region(disks, 1, 0, 8));
        write.block();

        assertThat(disks.get(0).snapshot(0, 8)).isEqualTo(Patterns.bytes(0, 8, 1));
        assertThat(disks.get(1).allocatedBytes()).isZero();
    }

    @Test
    void withAStableCopyMemoryChangedInFlightCannotMakeLegsDiffer() {
        ManualDevice[] disks = manual(2);
        byte[] memory = Patterns.bytes(0, 8, 1);
        var result = io.write(all(disks), VmBuffer.of(memory), WriteOptions.NONE.withStableCopy())
                .toFuture();
        memory[0] ^= 1;
        byte[][] sent = new byte[2][4096];
        for (int i = 0; i < 2; i++) {
            ((BlockOp.Write) disks[i].ops().get(0)).from().getBytes(0, sent[i]);
            disks[i].answer(0);
        }
        result.join();

        assertThat(sent[0]).isEqualTo(Patterns.bytes(0, 8, 1)).isEqualTo(sent[1]);
    }

    @Test
    void discardOnMixedLegsAnswersOnceAndOnlyAfterTheSlowOne() {
        ManualDevice can = ManualDevice.of("can", 80);
        ManualDevice cannot = new ManualDevice(can.info().withCapabilities(Set.of()));
        var result = io.discard(all(cannot, can)).toFuture();

        assertThat(result).isNotDone();
        can.answer(0);
        assertThat(result.join().toLong()).isEqualTo(1);
        assertThat(result.join().cause(0).orElseThrow().errno()).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(cannot.ops()).isEmpty();
    }

    @Test
    void zeroesReachEveryRegionThatCan() {
        List<MemoryDevice> disks = disks(2, 80);
        disks.forEach(disk -> disk.load(0, Patterns.bytes(0, 80, 1)));
        ErrorBits bits = io.writeZeroesSync(List.of(region(disks, 0, 8, 8), region(disks, 1, 0, 80)));

        assertThat(bits).isEqualTo(ErrorBits.NONE);
        assertThat(disks.get(0).snapshot(8, 8)).isEqualTo(new byte[4096]);
        assertThat(disks.get(0).snapshot(7, 1)).isEqualTo(Patterns.bytes(7, 1, 1));
        assertThat(disks.get(0).snapshot(16, 1)).isEqualTo(Patterns.bytes(16, 1, 1));
        assertThat(disks.get(1).snapshot(0, 80)).isEqualTo(new byte[80 * 512]);
    }

    @Test
    void allLegsShareOneViewOfAlignedMemoryAndOneCopyOfOther() {
        ManualDevice[] disks = manual(2);
        BlockDevice[] direct = {
            new ManualDevice(disks[0].info().withMemoryAlignmentBytes(512)),
            new ManualDevice(disks[1].info().withMemoryAlignmentBytes(512))
        };
        VmBuffer aligned = VmBuffer.allocate(4096);
        long before = PagePool.shared().bounceCount();
        var first = io.write(all(direct), aligned).toFuture();
        assertThat(PagePool.shared().bounceCount()).isEqualTo(before);
        var second = io.write(all(direct), VmBuffer.of(new byte[4096])).toFuture();
        assertThat(PagePool.shared().bounceCount())
                .as("one copy, not one for each leg")
                .isEqualTo(before + 1);
        for (BlockDevice device : direct) {
            ((ManualDevice) device).answerFrom(0);
        }
        first.join();
        second.join();
        aligned.release();
    }

    @Test
    void referenceCountAndIndexesAreAsBeforeWhenTheResultComes() {
        ManualDevice[] disks = manual(3);
        ByteBuf page = PagePool.shared().allocate(4096).setIndex(17, 99);
        int[] seen = {-1};
        var result = io.write(all(disks), VmBuffer.of(page))
                .doOnNext(bits -> seen[0] = page.refCnt())
                .toFuture();
        assertThat(page.refCnt()).isGreaterThan(1);
        for (ManualDevice disk : disks) {
            disk.answer(0);
        }
        result.join();

        assertThat(seen[0]).isEqualTo(1);
        assertThat(page.readerIndex()).isEqualTo(17);
        assertThat(page.writerIndex()).isEqualTo(99);
        page.release();
    }

    @Test
    void manyOddVectorsArriveByteForByte() {
        MemoryDevice disk = MemoryDevice.of("disk", 4000);
        byte[] pattern = Patterns.bytes(0, 3000, 4);
        ByteBuf page = Unpooled.wrappedBuffer(pattern);
        List<BioVector> vectors = new ArrayList<>();
        for (int at = 0; at < pattern.length; ) {
            int length = Math.min(pattern.length - at, (1 + vectors.size() % 5) * 512);
            vectors.add(new BioVector(page, at, length));
            at += length;
        }
        assertThat(vectors).hasSizeGreaterThan(1000 - 1);
        io.writeSync(List.of(new IoRegion(disk, 500, 3000)), BioVectors.of(vectors));

        assertThat(disk.snapshot(500, 3000)).isEqualTo(pattern);
        assertThat(page.refCnt()).isEqualTo(1);
    }

    private static List<MemoryDevice> disks(int count, long sectors) {
        return IntStream.range(0, count)
                .mapToObj(i -> MemoryDevice.of("disk" + i, sectors))
                .toList();
    }

    private static ManualDevice[] manual(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> ManualDevice.of("disk" + i, 8))
                .toArray(ManualDevice[]::new);
    }

    private static List<IoRegion> all(BlockDevice... devices) {
        return Arrays.stream(devices).map(IoRegion::all).toList();
    }

    private static IoRegion region(List<MemoryDevice> disks, int disk, long sector, long count) {
        return new IoRegion(disks.get(disk), sector, count);
    }

    private static byte[] prefix(byte[] pattern, int sectors, int padded) {
        return Arrays.copyOf(Arrays.copyOf(pattern, sectors * 512), padded * 512);
    }
}
