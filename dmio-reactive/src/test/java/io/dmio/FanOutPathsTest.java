package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.testkit.ManualDevice;
import io.dmio.testkit.Patterns;
import io.dmio.testkit.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** Requests of the common shape, by the short way and by the general one: who asks cannot tell which it was. */
@ExtendWith(Seed.class)
class FanOutPathsTest {

    private final PageBudget budget = new PageBudget(4, 10);

    private boolean isShort(IoRequest request) {
        return SingleSpanRun.suits(request, budget, FanOutWay.TRANSFER_BYTES_MAX);
    }

    private static DeviceInfo info() {
        return DeviceInfo.of("disk", 80, "test");
    }

    @Test
    void onlyRequestsOfOneTransferAndOneLengthTakeTheShortWay() {
        BlockDevice disk = MemoryDevice.of("disk", 4096);
        BlockDevice small = ManualDevice.of("small", 80);
        BlockDevice narrow = new ManualDevice(info().withTransferBytesMax(2048));
        VmBuffer memory = VmBuffer.of(new byte[8192]);
        IoRegion eight = new IoRegion(disk, 8, 8);

        assertThat(isShort(FanOutWay.write(memory, disk))).isTrue();
        assertThat(isShort(FanOutWay.write(memory, disk, small))).isTrue();
        assertThat(isShort(IoRequest.read(eight, memory))).isTrue();

        assertThat(isShort(FanOutWay.write(memory, narrow)))
                .as("several pieces")
                .isFalse();
        assertThat(isShort(FanOutWay.write(memory))).as("no region").isFalse();
        assertThat(isShort(IoRequest.flush(List.of(eight)))).as("no memory").isFalse();
        assertThat(isShort(IoRequest.write(List.of(eight, new IoRegion(disk, 8, 9)), memory, WriteOptions.NONE)))
                .as("two lengths")
                .isFalse();
        assertThat(isShort(IoRequest.write(List.of(new IoRegion(small, 79, 2)), memory, WriteOptions.NONE)))
                .as("refused")
                .isFalse();
        assertThat(isShort(IoRequest.write(List.of(eight), memory, WriteOptions.NONE.withPreflush())))
                .as("two steps")
                .isFalse();
        VmBuffer long5 = VmBuffer.of(new byte[5 * 4096]);
        assertThat(isShort(IoRequest.read(new IoRegion(disk, 0, 33), long5)))
                .as("more than the budget")
                .isFalse();
        assertThat(isShort(IoRequest.read(new IoRegion(disk, 0, 32), long5)))
                .as("the whole budget")
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aFailedLegHasItsBitAndItsCauseAndNobodyIsCancelled(FanOutWay way) {
        ManualDevice one = ManualDevice.of("one", 80);
        ManualDevice two = ManualDevice.of("two", 80);
        var result = way.run(budget, FanOutWay.write(VmBuffer.of(new byte[4096]), one, two))
                .toFuture();
        one.fail(0, Errno.ENOSPC);
        assertThat(result).as("the other has not answered").isNotDone();
        assertThat(two.detached()).isZero();
        two.answer(0);

        assertThat(result.join().toLong()).isEqualTo(1);
        assertThat(result.join().cause(0)).hasValueSatisfying(cause -> {
            assertThat(cause.errno()).isEqualTo(Errno.ENOSPC);
            assertThat(cause.device()).isEqualTo("one");
        });
        assertThat(budget.inUse()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aDeviceThatMisbehavesHasFailedAndItsSiblingsHaveNot(FanOutWay way) {
        MemoryDevice good = MemoryDevice.of("good", 80);
        List<Function<BlockOp, Mono<Void>>> broken = List.of(
                op -> {
                    throw new IllegalStateException("a bug");
                },
                op -> Mono.error(new IllegalStateException("a bug")),
                op -> Mono.defer(() -> {
                    throw new IllegalStateException("a bug");
                }));
        byte[] bytes = Patterns.bytes(8, 8, 3);
        for (Function<BlockOp, Mono<Void>> submit : broken) {
            ErrorBits bits = way.run(budget, FanOutWay.write(VmBuffer.of(bytes), device(submit), good))
                    .blockOptional()
                    .orElseThrow();
            assertThat(bits).isEqualTo(ErrorBits.ofBits(1));
            assertThat(bits.cause(0).orElseThrow())
                    .hasMessageContaining("a bug")
                    .extracting(DeviceException::errno)
                    .isEqualTo(Errno.EIO);
            assertThat(good.snapshot(8, 8)).isEqualTo(bytes);
        }
        assertThat(budget.inUse()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aDeviceThatSignalsTwiceEndsNobodyElsesIo(FanOutWay way) {
        BlockDevice twice = device(op -> new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super Void> actual) {
                actual.onSubscribe(Operators.emptySubscription());
                actual.onComplete();
                actual.onComplete();
            }
        });
        ManualDevice slow = ManualDevice.of("slow", 80);
        ManualDevice slower = ManualDevice.of("slower", 80);
        var result = way.run(budget, FanOutWay.write(VmBuffer.of(new byte[4096]), twice, slow, slower))
                .toFuture();
        slow.answer(0);
        assertThat(result).isNotDone();
        slower.answer(0);
        assertThat(result.join()).isEqualTo(ErrorBits.NONE);
    }

    @ParameterizedTest
    @EnumSource
    void theContextReachesEveryDevice(FanOutWay way) {
        List<Object> seen = new ArrayList<>();
        BlockDevice looking = device(op -> Mono.deferContextual(context -> {
            seen.add(context.get("who"));
            return Mono.empty();
        }));
        way.run(budget, FanOutWay.write(VmBuffer.of(new byte[4096]), looking, looking))
                .contextWrite(Context.of("who", "me"))
                .block();
        assertThat(seen).containsExactly("me", "me");
    }

    /** Legs that answer at the same moment from threads of their own, some with errors. */
    @ParameterizedTest
    @EnumSource
    void answersThatMeetLoseNoBit(FanOutWay way, SplittableRandom random) throws Exception {
        int legs = 3;
        CyclicBarrier together = new CyclicBarrier(legs);
        for (int round = 0; round < 500; round++) {
            ManualDevice[] disks = new ManualDevice[legs];
            long expected = random.nextLong(1 << legs);
            Thread[] threads = new Thread[legs];
            for (int i = 0; i < legs; i++) {
                ManualDevice disk = ManualDevice.of("disk" + i, 80);
                boolean fails = (expected >>> i & 1) != 0;
                disks[i] = disk;
                threads[i] = new Thread(() -> {
                    await(together);
                    if (fails) {
                        disk.fail(0, Errno.EIO);
                    } else {
                        disk.answer(0);
                    }
                });
            }
            var result = way.run(budget, FanOutWay.write(VmBuffer.of(new byte[4096]), disks))
                    .toFuture();
            for (Thread thread : threads) {
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(result)
                    .succeedsWithin(10, TimeUnit.SECONDS)
                    .asInstanceOf(InstanceOfAssertFactories.type(ErrorBits.class))
                    .isEqualTo(ErrorBits.ofBits(expected));
            assertThat(budget.inUse()).isZero();
        }
    }

    private static void await(CyclicBarrier together) {
        try {
            together.await(10, TimeUnit.SECONDS);
        } catch (Exception stuck) {
            throw new IllegalStateException(stuck);
        }
    }

    private static BlockDevice device(Function<BlockOp, Mono<Void>> submit) {
        return new BlockDevice() {
            @Override
            public DeviceInfo info() {
                return FanOutPathsTest.info();
            }

            @Override
            public Mono<Void> submit(BlockOp op) {
                return submit.apply(op);
            }

            @Override
            public Mono<Void> close() {
                return Mono.empty();
            }
        };
    }
}
