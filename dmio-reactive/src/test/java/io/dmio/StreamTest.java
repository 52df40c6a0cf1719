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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

/** Regions as streams of buffers, both ways. */
class StreamTest {

    private final DmIo io = DmIo.create().get(16);
    private final List<ByteBuf> given = new ArrayList<>();

    @ParameterizedTest
    @CsvSource({"1, 1", "7, 1", "8, 1", "9, 2", "1000, 3", "20000, 4"})
    void aRegionIsReadInOrderAndEachBufferBelongsToTheSubscriber(int sectors, int pagesPerBuffer) {
        MemoryDevice disk = MemoryDevice.of("disk", 20_000);
        disk.load(0, Patterns.bytes(0, sectors, 1));
        long[] at = {0};
        StepVerifier.create(io.read(new IoRegion(disk, 0, sectors), pagesPerBuffer)
                        .doOnNext(buffer -> {
                            assertThat(buffer.refCnt()).isEqualTo(1);
                            assertThat(buffer.readableBytes())
                                    .as("readable as it comes")
                                    .isEqualTo(buffer.capacity());
                            Patterns.check(buffer, at[0], 1);
                            at[0] += buffer.capacity() / 512;
                            buffer.release();
                        })
                        .then())
                .verifyComplete();
        assertThat(at[0]).isEqualTo(sectors);
        assertThat(io.budget().inUse()).isZero();
    }

    @Test
    void readingAheadIsBounded() {
        ManualDevice disk = ManualDevice.of("disk", 8000);
        Unasking subscriber = new Unasking();
        io.read(IoRegion.all(disk), 1).subscribe(subscriber);

        assertThat(disk.ops()).hasSizeLessThanOrEqualTo(StreamRead.AHEAD_MAX);
        disk.answerFrom(0);
        assertThat(disk.ops()).hasSizeLessThanOrEqualTo(StreamRead.AHEAD_MAX);
        subscriber.cancel();
    }

    @Test
    void aFailedReadComesAfterTheBuffersBeforeIt() {
        ManualDevice disk = ManualDevice.of("disk", 24);
        StepVerifier.create(io.read(IoRegion.all(disk), 1))
                .then(() -> disk.fail(1, Errno.EIO))
                .then(() -> disk.answer(2))
                .then(() -> disk.answer(0))
                .assertNext(ByteBuf::release)
                .expectErrorSatisfies(
                        error -> assertThat(((DeviceException) error).errno()).isEqualTo(Errno.EIO))
                .verify();
        assertThat(io.budget().inUse()).isZero();
    }

    @Test
    void cancelAmidAReadLeavesNothingBehind() {
        ManualDevice disk = ManualDevice.of("disk", 80);
        StepVerifier.create(io.read(IoRegion.all(disk), 1))
                .then(() -> disk.answer(1))
                .then(() -> disk.answer(0))
                .assertNext(ByteBuf::release)
                .thenCancel()
                .verify();
        disk.answerFrom(2);

        assertThat(io.budget().inUse()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 511, 512, 513, 4096, 5000, 65536, 1 << 20})
    void buffersOfAnySizeAreRecutAndEveryOneReleased(int bufferBytes) {
        MemoryDevice[] disks = {MemoryDevice.of("a", 4096), MemoryDevice.of("b", 4096)};
        byte[] pattern = Patterns.bytes(0, bufferBytes == 1 ? 8 : 2048, 5);
        StepVerifier.create(io.write(
                        List.of(IoRegion.all(disks[0]), new IoRegion(disks[1], 10, 4000)), cut(pattern, bufferBytes)))
                .expectNext(ErrorBits.NONE)
                .verifyComplete();

        assertThat(disks[0].snapshot(0, pattern.length / 512)).isEqualTo(pattern);
        assertThat(disks[1].snapshot(10, pattern.length / 512)).isEqualTo(pattern);
        allReleased();
    }

    @Test
    void alignedBuffersGoDownWithoutACopyHoweverTheyAreCut() {
        DeviceInfo info = MemoryDevice.of("disk", 4096).info().withMemoryAlignmentBytes(512);
        MemoryDevice[] disks = {MemoryDevice.of(info), MemoryDevice.of(info.withTransferBytesMax(4096))};
        DmIo small = DmIo.create().get(16);
        long before = PagePool.shared().bounceCount();
        Flux<ByteBuf> source = Flux.range(0, 5).map(i -> {
            ByteBuf buffer = PagePool.shared().allocate(12288); // parts are 16,384: each is made of two buffers
            Patterns.fill(buffer, i * 24L, 1);
            return buffer.setIndex(0, 12288);
        });
        StepVerifier.create(small.write(List.of(IoRegion.all(disks[0]), IoRegion.all(disks[1])), source))
                .expectNext(ErrorBits.NONE)
                .verifyComplete();

        assertThat(PagePool.shared().bounceCount()).isEqualTo(before);
        assertThat(disks[0].snapshot(0, 120)).isEqualTo(Patterns.bytes(0, 120, 1));
        assertThat(disks[1].snapshot(0, 120)).isEqualTo(Patterns.bytes(0, 120, 1));
    }

    @Test
    void copyingThroughOneSmallClientDoesNotDeadlock() {
        MemoryDevice source = MemoryDevice.of("source", 1000);
        MemoryDevice target = MemoryDevice.of("target", 1000);
        source.load(0, Patterns.bytes(0, 1000, 2));
        DmIo one = DmIo.create().get(1);
        StepVerifier.create(one.write(List.of(IoRegion.all(target)), one.read(IoRegion.all(source), 1)))
                .expectNext(ErrorBits.NONE)
                .verifyComplete();

        assertThat(target.snapshot(0, 1000)).isEqualTo(Patterns.bytes(0, 1000, 2));
    }

    @Test
    void aPartialLastSectorIsRefusedAfterTheWholeOnesWereWritten() {
        MemoryDevice disk = MemoryDevice.of("disk", 80);
        byte[] bytes = Arrays.copyOf(Patterns.bytes(0, 4, 1), 1600);
        StepVerifier.create(io.write(List.of(IoRegion.all(disk)), cut(bytes, 700)))
                .expectErrorSatisfies(error -> assertThat(error)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("64 bytes into a block of 512"))
                .verify();

        assertThat(disk.snapshot(0, 3)).isEqualTo(Patterns.bytes(0, 3, 1));
        assertThat(disk.snapshot(3, 1)).isEqualTo(new byte[512]);
        allReleased();
    }

    @Test
    void aPartialLastBlockIsFilledWithZeroesOnRequest() {
        MemoryDevice disk = MemoryDevice.of(DeviceInfo.of("disk", 80, "memory").withBlocks(4096, 4096));
        disk.load(0, Patterns.bytes(0, 80, 9));
        byte[] bytes = Arrays.copyOf(Patterns.bytes(0, 16, 1), 5000);
        StepVerifier.create(io.write(List.of(IoRegion.all(disk)), cut(bytes, 999), StreamOptions.NONE.withPadding()))
                .expectNext(ErrorBits.NONE)
                .verifyComplete();

        assertThat(disk.snapshot(0, 16)).isEqualTo(Arrays.copyOf(bytes, 8192));
        assertThat(disk.snapshot(16, 1)).isEqualTo(Patterns.bytes(16, 1, 9));
        allReleased();
    }

    @Test
    void aStreamLongerThanARegionSetsThatRegionsBitAndFillsIt() {
        MemoryDevice shorter = MemoryDevice.of("short", 8);
        MemoryDevice longer = MemoryDevice.of("long", 32);
        ErrorBits bits = io.write(
                        List.of(IoRegion.all(shorter), IoRegion.all(longer)), cut(Patterns.bytes(0, 32, 1), 4096))
                .block();

        assertThat(bits).isEqualTo(ErrorBits.ofBits(1));
        assertThat(shorter.snapshot(0, 8)).isEqualTo(Patterns.bytes(0, 8, 1));
        assertThat(longer.snapshot(0, 32)).isEqualTo(Patterns.bytes(0, 32, 1));
        allReleased();
    }

    @Test
    void whenEveryRegionIsFullTheSourceIsCancelled() {
        MemoryDevice disk = MemoryDevice.of("disk", 8);
        TestPublisher<ByteBuf> source = TestPublisher.create();
        var result = io.write(List.of(IoRegion.all(disk)), source.flux()).toFuture();
        for (int i = 0; i < 20 && !result.isDone(); i++) {
            source.next(give(new byte[4096]));
        }

        source.assertCancelled();
        assertThat(result.join().cause(0).orElseThrow()).hasMessageContaining("longer than the region");
        allReleased();
    }

    @Test
    void anErrorOfTheSourceComesAfterWhatWasInFlight() {
        ManualDevice disk = ManualDevice.of("disk", 800);
        DmIo small = DmIo.create().get(4);
        Flux<ByteBuf> source = Flux.concat(cut(new byte[4096], 4096), Flux.error(new IllegalStateException("source")));
        var result = small.write(List.of(IoRegion.all(disk)), source).toFuture();
        assertThat(result).isNotDone();
        disk.answerFrom(0);

        assertThat(result).isCompletedExceptionally();
        assertThat(small.budget().inUse()).isZero();
        allReleased();
    }

    @Test
    void cancelReleasesWhatIsHalfCutAndLetsTheRestRunOut() {
        ManualDevice disk = ManualDevice.of("disk", 800);
        TestPublisher<ByteBuf> source = TestPublisher.create();
        var writing = io.write(List.of(IoRegion.all(disk)), source.flux()).subscribe();
        source.next(give(new byte[16384]));
        source.next(give(new byte[100]));
        writing.dispose();
        disk.answerFrom(0);

        assertThat(io.budget().inUse()).isZero();
        source.assertCancelled();
        allReleased();
    }

    @Test
    void cancelReleasesThePartThatFoundTooManyInFlight() {
        ManualDevice disk = ManualDevice.of("disk", 8000);
        DmIo fine = DmIo.builder().transferBytesMax(4096).build().get(4096);
        TestPublisher<ByteBuf> source = TestPublisher.create();
        var writing = fine.write(List.of(IoRegion.all(disk)), source.flux()).subscribe();
        source.next(give(new byte[200 * 4096])); // many parts of one buffer: more than may be in flight
        assertThat(disk.ops()).hasSizeLessThan(200);
        writing.dispose();
        disk.answerFrom(0);

        assertThat(fine.budget().inUse()).isZero();
        allReleased();
    }

    @Test
    void theSourceIsNotAskedWhileNoPageIsFree() {
        ManualDevice disk = ManualDevice.of("disk", 8000);
        DmIo small = DmIo.create().get(1);
        long[] asked = {0};
        TestPublisher<ByteBuf> source = TestPublisher.create();
        small.write(List.of(IoRegion.all(disk)), source.flux().doOnRequest(n -> asked[0] += n))
                .subscribe();
        for (int i = 0; i < asked[0]; i++) {
            source.next(give(new byte[4096]));
        }
        assertThat(asked[0]).as("one in flight, and at most two on their way").isLessThanOrEqualTo(3);
        source.complete();
        disk.answerFrom(0);
        allReleased();
    }

    @Test
    void anEmptyStreamWritesNothing() {
        ManualDevice disk = ManualDevice.of("disk", 80);
        StepVerifier.create(io.write(List.of(IoRegion.all(disk)), Flux.empty()))
                .expectNext(ErrorBits.NONE)
                .verifyComplete();
        assertThat(disk.ops()).isEmpty();
    }

    @Test
    void aStreamNeedsPagesFirst() {
        DmIo none = DmIo.create();
        MemoryDevice disk = MemoryDevice.of("disk", 80);
        StepVerifier.create(none.write(List.of(IoRegion.all(disk)), Flux.<ByteBuf>empty()))
                .expectError(IllegalStateException.class)
                .verify();
        StepVerifier.create(none.read(IoRegion.all(disk), 1))
                .expectError(IllegalStateException.class)
                .verify();
        assertThatIllegalArgumentException().isThrownBy(() -> io.read(IoRegion.all(disk), 0));
    }

    private Flux<ByteBuf> cut(byte[] bytes, int length) {
        return Flux.range(0, (bytes.length + length - 1) / length)
                .concatMap(i -> Mono.fromSupplier(() ->
                        give(Arrays.copyOfRange(bytes, i * length, Math.min(bytes.length, (i + 1) * length)))));
    }

    private ByteBuf give(byte[] bytes) {
        ByteBuf buffer = Unpooled.wrappedBuffer(bytes);
        given.add(buffer);
        return buffer;
    }

    private void allReleased() {
        assertThat(given).isNotEmpty().allMatch(buffer -> buffer.refCnt() == 0);
    }

    /** Subscribes and asks for nothing. */
    private static final class Unasking extends reactor.core.publisher.BaseSubscriber<ByteBuf> {
        @Override
        protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {}
    }
}
