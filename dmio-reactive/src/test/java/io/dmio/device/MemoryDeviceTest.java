package io.dmio.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceException;
import io.dmio.DeviceGate;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Sectors;
import io.dmio.testkit.Patterns;
import io.dmio.testkit.Seed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** What a device in memory promises beyond the contract of all devices. */
@ExtendWith(Seed.class)
class MemoryDeviceTest {

    private static final long SLAB_SECTORS = SparseMemory.SLAB_BYTES / Sectors.BYTES;

    private final MemoryDevice device = MemoryDevice.of("memory", 1L << 40);

    @Test
    void afterCloseEverythingIsRefusedAndTheMemoryIsFree() {
        write(0, Patterns.bytes(0, 8, 1));
        device.close().block();
        device.close().block();
        assertThat(device.allocatedBytes()).isZero();
        StepVerifier.create(device.submit(new BlockOp.Flush()))
                .verifyErrorSatisfies(error -> assertErrno(error, Errno.ESHUTDOWN));
    }

    @Test
    void directSlabsAreReleasedByClose() {
        MemoryDevice direct = MemoryDevice.direct(device.info()); // the leak guard watches these
        direct.submit(new BlockOp.Write(0, Unpooled.wrappedBuffer(Patterns.bytes(0, 300, 1)), false))
                .block();
        direct.submit(new BlockOp.Discard(0, SLAB_SECTORS)).block();
        assertThat(direct.allocatedBytes()).isEqualTo(2 * SparseMemory.SLAB_BYTES);
        direct.close().block();
    }

    @Test
    void aReadOnlyDeviceRefusesEveryChangeAndReadsWhatWasLoaded() {
        MemoryDevice readOnly = MemoryDevice.of(device.info().withCapabilities(Set.of(Capability.READ_ONLY)));
        readOnly.load(8, Patterns.bytes(8, 1, 2));
        StepVerifier.create(readOnly.submit(new BlockOp.Write(0, Unpooled.buffer(512, 512), false)))
                .verifyErrorSatisfies(error -> assertErrno(error, Errno.EROFS));
        ByteBuf into = Unpooled.buffer(512, 512);
        readOnly.submit(new BlockOp.Read(8, into)).block();
        Patterns.check(into, 8, 2);
    }

    @Test
    void aRefusedOpTouchesNothing() {
        DeviceInfo blocks = device.info().withBlocks(4096, 4096);
        MemoryDevice large = MemoryDevice.of(blocks);
        StepVerifier.create(large.submit(new BlockOp.Write(1, Unpooled.buffer(4096, 4096), false)))
                .verifyErrorSatisfies(error -> assertErrno(error, Errno.EINVAL));
        StepVerifier.create(large.submit(new BlockOp.Write(blocks.sectorCount(), Unpooled.buffer(4096, 4096), false)))
                .verifyErrorSatisfies(error -> assertErrno(error, Errno.ENOSPC));
        assertThat(large.allocatedBytes()).isZero();
    }

    @Test
    void unwrittenSectorsReadAsZeroesOverWhateverTheBufferHeld() {
        write(1L << 39, Patterns.bytes(1L << 39, 1, 3));
        assertThat(read((1L << 39) - 1, 3))
                .containsExactly(concat(new byte[512], Patterns.bytes(1L << 39, 1, 3), new byte[512]));
    }

    @Test
    void theLastSectorOfTheLargestDeviceCanBeWrittenAndDiscarded() {
        MemoryDevice largest = MemoryDevice.of("largest", Sectors.MAX);
        ByteBuf from = Unpooled.wrappedBuffer(Patterns.bytes(Sectors.MAX - 2, 2, 3));
        largest.submit(new BlockOp.Write(Sectors.MAX - 2, from, true)).block();
        Patterns.check(Unpooled.wrappedBuffer(largest.snapshot(Sectors.MAX - 2, 2)), Sectors.MAX - 2, 3);
        largest.submit(new BlockOp.Discard(Sectors.MAX - 1, 1)).block();
        Patterns.check(Unpooled.wrappedBuffer(largest.snapshot(Sectors.MAX - 2, 1)), Sectors.MAX - 2, 3);
        assertThat(largest.snapshot(Sectors.MAX - 1, 1)).containsOnly(0);
    }

    @ParameterizedTest
    @EnumSource(
            value = BlockOp.Kind.class,
            names = {"DISCARD", "WRITE_ZEROES"})
    void clearingZeroesTheEdgesAndFreesWholeSlabs(BlockOp.Kind kind) {
        write(0, Patterns.bytes(0, (int) SLAB_SECTORS * 4, 4));
        long sector = SLAB_SECTORS - 3;
        long count = 2 * SLAB_SECTORS + 8;
        device.submit(
                        kind == BlockOp.Kind.DISCARD
                                ? new BlockOp.Discard(sector, count)
                                : new BlockOp.WriteZeroes(sector, count))
                .block();
        assertThat(device.allocatedBytes()).isEqualTo(2 * SparseMemory.SLAB_BYTES);
        Patterns.check(Unpooled.wrappedBuffer(device.snapshot(0, (int) sector)), 0, 4);
        assertThat(device.snapshot(sector, (int) count)).containsOnly(0);
        int rest = (int) (4 * SLAB_SECTORS - sector - count);
        Patterns.check(Unpooled.wrappedBuffer(device.snapshot(sector + count, rest)), sector + count, 4);
    }

    @Test
    void discardingATerabyteVisitsOnlyWhatExists() {
        IntStream.range(0, 200).forEach(i -> write(i * (1L << 30), Patterns.bytes(i * (1L << 30), 1, 5)));
        device.submit(new BlockOp.Discard(1L << 30, (1L << 40) - (1L << 30))).block();
        assertThat(device.allocatedBytes()).isEqualTo(SparseMemory.SLAB_BYTES);
        Patterns.check(Unpooled.wrappedBuffer(device.snapshot(0, 1)), 0, 5);
    }

    @Test
    void randomWritesAndDiscardsEqualAnArray(SplittableRandom random) {
        int sectors = (int) SLAB_SECTORS * 5;
        byte[] model = new byte[sectors * Sectors.BYTES];
        for (int round = 0; round < 300; round++) {
            int sector = random.nextInt(sectors);
            int count = random.nextInt(Math.min(sectors - sector, 600) + 1);
            byte[] bytes = new byte[count * Sectors.BYTES];
            if (random.nextBoolean()) {
                random.nextBytes(bytes);
                write(sector, bytes);
            } else {
                device.submit(new BlockOp.Discard(sector, count)).block();
            }
            System.arraycopy(bytes, 0, model, sector * Sectors.BYTES, bytes.length);
        }
        assertThat(device.snapshot(0, sectors)).isEqualTo(model);
    }

    @Test
    void overlappingWritesAtTheSameTimeNeverMixInsideASector() {
        int count = (int) SLAB_SECTORS + 16;
        Flux.range(1, 4)
                .flatMap(seed -> Mono.defer(() -> device.submit(new BlockOp.Write(
                                SLAB_SECTORS / 2, Unpooled.wrappedBuffer(Patterns.bytes(0, count, seed)), false)))
                        .repeat(50)
                        .subscribeOn(Schedulers.parallel()))
                .blockLast();
        for (int i = 0; i < count; i++) {
            byte[] sector = device.snapshot(SLAB_SECTORS / 2 + i, 1);
            long at = i;
            assertThat(IntStream.rangeClosed(1, 4).mapToObj(seed -> Patterns.bytes(at, 1, seed)))
                    .anyMatch(whole -> Arrays.equals(whole, sector));
        }
    }

    @Test
    void nothingHappensBeforeSubscribeAndEachSubscriptionWritesAgain() {
        ByteBuf from = Unpooled.wrappedBuffer(Patterns.bytes(0, 1, 6));
        Mono<Void> write = device.submit(new BlockOp.Write(0, from, false));
        assertThat(device.allocatedBytes()).isZero();
        write.block();
        from.setZero(0, 512);
        write.block();
        assertThat(device.snapshot(0, 1)).containsOnly(0);
    }

    @Test
    void buffersKeepTheirIndexesAndReferenceCounts() {
        ByteBuf memory = Unpooled.buffer(1024, 1024).setIndex(100, 200);
        device.submit(new BlockOp.Write(0, memory, false)).block();
        device.submit(new BlockOp.Read(0, memory)).block();
        assertThat(List.of(memory.readerIndex(), memory.writerIndex(), memory.refCnt()))
                .containsExactly(100, 200, 1);
    }

    @Test
    void closeWaitsForWhoIsInside() {
        Sinks.Empty<Void> freed = Sinks.empty();
        DeviceGate gate = new DeviceGate(freed::tryEmitEmpty);
        assertThat(gate.enter()).isTrue();
        StepVerifier.create(gate.close())
                .then(() -> assertThat(gate.enter()).isFalse())
                .then(gate::exit)
                .verifyComplete();
        StepVerifier.create(freed.asMono()).verifyComplete();
    }

    @Test
    void aLackOfMemoryIsTheOperationsErrorAndNothingIsHeldForIt() {
        ByteBuf memory = new UnpooledHeapByteBuf(UnpooledByteBufAllocator.DEFAULT, 512, 512) {
            @Override
            public ByteBuf retain() { // the first thing that is done with it
                throw new OutOfMemoryError("Direct buffer memory");
            }
        };
        StepVerifier.create(device.submit(new BlockOp.Write(0, memory, false)))
                .expectErrorSatisfies(error -> {
                    assertErrno(error, Errno.ENOMEM);
                    assertThat(error).hasCauseInstanceOf(OutOfMemoryError.class);
                })
                .verify();
        StepVerifier.create(device.close()).verifyComplete();
    }

    @Test
    void whatASubscriberThrowsIsItsOwnAndNoFailureOfTheDevice() {
        List<Throwable> failures = new ArrayList<>();
        BaseSubscriber<Void> subscriber = new BaseSubscriber<>() {
            @Override
            protected void hookOnComplete() {
                throw new NoClassDefFoundError("of the subscriber");
            }

            @Override
            protected void hookOnError(Throwable failure) {
                failures.add(failure);
            }
        };
        Mono<Void> flush = device.submit(new BlockOp.Flush());
        assertThatThrownBy(() -> flush.subscribe(subscriber)).isInstanceOf(NoClassDefFoundError.class);
        assertThat(failures).isEmpty();
    }

    @Test
    void equalContentHasAnEqualDigest() {
        MemoryDevice other = MemoryDevice.of("other", 1 << 20);
        byte[] bytes = Patterns.bytes(0, 500, 7);
        write(100, bytes);
        other.load(100, bytes);
        assertThat(device.sha256(90, 600)).isEqualTo(other.sha256(90, 600)).isNotEqualTo(other.sha256(91, 600));
    }

    private void write(long sector, byte[] bytes) {
        device.submit(new BlockOp.Write(sector, Unpooled.wrappedBuffer(bytes), false))
                .block();
    }

    private byte[] read(long sector, int count) {
        byte[] bytes = Patterns.bytes(0, count, 99);
        device.submit(new BlockOp.Read(sector, Unpooled.wrappedBuffer(bytes))).block();
        return bytes;
    }

    private static void assertErrno(Throwable error, Errno errno) {
        assertThat(((DeviceException) error).errno()).isEqualTo(errno);
    }

    private static byte[] concat(byte[]... parts) {
        return Unpooled.copiedBuffer(parts).array();
    }
}
