package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.testkit.ManualDevice;
import io.dmio.testkit.Patterns;
import io.dmio.testkit.Seed;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** What a stream that is read holds, and how it ends. */
@ExtendWith(Seed.class)
class StreamReadTest {

    private final ManualDevice disk = ManualDevice.of("disk", 1 << 20);

    @Test
    void readersThatWaitForPagesHoldNoMemory() {
        DmIo io = DmIo.create().get(64); // 256 KiB
        List<Holding> readers = new ArrayList<>();
        long before = PagePool.shared().reservedBytes();
        for (int i = 0; i < 400; i++) {
            readers.add(new Holding());
            io.read(IoRegion.all(disk), 32).subscribe(readers.get(i)); // 50 MiB, if each had one buffer
        }
        assertThat(io.budget().waiting()).isGreaterThan(390);
        assertThat(PagePool.shared().reservedBytes() - before).isLessThan(8 << 20);

        readers.forEach(BaseSubscriber::cancel);
        disk.answerFrom(0);
        assertThat(io.budget().inUse()).isZero();
    }

    @Test
    void aFailureWithoutAKnownCauseIsAnErrorNotData() {
        boolean[] broken = {false};
        BlockDevice nameless = new BlockDevice() {
            @Override
            public DeviceInfo info() {
                if (broken[0]) {
                    throw new IllegalStateException("no name");
                }
                return DeviceInfo.of("disk", 64, "net");
            }

            @Override
            public Mono<Void> submit(BlockOp op) {
                return Mono.defer(() -> {
                    broken[0] = true;
                    return Mono.error(new IllegalStateException("the connection is lost"));
                });
            }

            @Override
            public Mono<Void> close() {
                return Mono.empty();
            }
        };
        StepVerifier.create(DmIo.create().get(64).read(IoRegion.all(nameless), 8))
                .expectError(DeviceException.class)
                .verify(Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aBufferLargerThanTheBudgetIsReadPieceByPiece(int pages) {
        MemoryDevice memory = MemoryDevice.of("memory", 100);
        memory.load(0, Patterns.bytes(0, 100, 3));
        DmIo io = DmIo.create().get(pages);
        int[] most = {0};
        BlockDevice counting = counting(memory, io, most);
        StepVerifier.create(io.read(IoRegion.all(counting), 4))
                .assertNext(buffer -> checkAndRelease(buffer, 0, 32))
                .assertNext(buffer -> checkAndRelease(buffer, 32, 32))
                .assertNext(buffer -> checkAndRelease(buffer, 64, 32))
                .assertNext(buffer -> checkAndRelease(buffer, 96, 4))
                .verifyComplete();
        assertThat(most[0]).isEqualTo(pages);
        assertThat(io.budget().inUse()).isZero();
    }

    @Test
    void aCloseUnderAReadComesAfterTheBuffersBeforeIt() {
        DmIo io = DmIo.create().get(2);
        List<ByteBuf> read = new ArrayList<>();
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        io.read(IoRegion.all(disk), 1).subscribe(read::add, ended::complete);
        assertThat(disk.ops()).hasSize(2);
        io.close().subscribe();
        disk.answer(1);
        assertThat(read).as("the first is not there yet").isEmpty();
        disk.answer(0);

        assertThat(read).hasSize(2).allMatch(ByteBuf::release);
        assertThat(ended).isCompleted();
        assertThat(ended.join()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aRegionOfNoSectorsIsRefusedByAClosedClientToo() {
        DmIo io = DmIo.create().get(1);
        StepVerifier.create(io.read(new IoRegion(disk, 0, 0), 1)).verifyComplete();
        io.close().block();
        StepVerifier.create(io.read(new IoRegion(disk, 0, 0), 1))
                .expectError(IllegalStateException.class)
                .verify();
    }

    @Test
    void cancelsAtAnyTimeLoseNoBuffer(SplittableRandom random) {
        MemoryDevice memory = MemoryDevice.of("memory", 4000);
        BlockDevice other = onAnotherThread(memory);
        DmIo io = DmIo.create().get(8);
        for (int round = 0; round < 300; round++) {
            int most = random.nextInt(20);
            Flux<ByteBuf> read = io.read(IoRegion.all(other), 1 + random.nextInt(3));
            Mono<Long> some = read.doOnNext(ByteBuf::release).take(most).count();
            Mono<Void> until =
                    Mono.delay(Duration.ofNanos(random.nextInt(200_000))).then();
            (random.nextBoolean() ? some.then() : some.then().takeUntilOther(until)).block();
        }
        io.close().block();
        assertThat(io.budget().inUse()).isZero();
    }

    private static void checkAndRelease(ByteBuf buffer, int sector, int count) {
        assertThat(buffer.readableBytes()).isEqualTo(count * 512);
        Patterns.check(buffer, sector, 3);
        buffer.release();
    }

    private static BlockDevice counting(BlockDevice device, DmIo io, int[] most) {
        return new Other(device) {
            @Override
            public Mono<Void> submit(BlockOp op) {
                return Mono.defer(() -> {
                    most[0] = Math.max(most[0], io.budget().inUse());
                    return device.submit(op);
                });
            }
        };
    }

    private static BlockDevice onAnotherThread(BlockDevice device) {
        return new Other(device) {
            @Override
            public Mono<Void> submit(BlockOp op) {
                return device.submit(op).subscribeOn(Schedulers.parallel());
            }
        };
    }

    /** A device that does what another does in another way. */
    private abstract static class Other implements BlockDevice {
        private final BlockDevice device;

        Other(BlockDevice device) {
            this.device = device;
        }

        @Override
        public DeviceInfo info() {
            return device.info();
        }

        @Override
        public Mono<Void> close() {
            return device.close();
        }
    }

    /** Asks for one buffer after the other and gives each back. */
    private static final class Holding extends BaseSubscriber<ByteBuf> {
        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            subscription.request(1);
        }

        @Override
        protected void hookOnNext(ByteBuf buffer) {
            buffer.release();
            request(1);
        }
    }
}
