package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.testkit.Patterns;
import io.dmio.testkit.Seed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Streams that are cancelled while their source gives on one thread, their devices answer on others, and the clock looks. */
@ExtendWith(Seed.class)
class StreamCancelTest {

    private static final int ROUNDS = Integer.getInteger("dmio.cancels", 400);
    private static final int SECTORS = 400;

    private final Scheduler giving = Schedulers.newSingle("giving");
    private final List<ByteBuf> given = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void stop() {
        giving.dispose();
    }

    @Test
    void cancelsAtAnyTimeLoseNoBufferAndWriteNothingElse(SplittableRandom random) {
        byte[] pattern = Patterns.bytes(0, SECTORS, 1);
        for (int round = 0; round < ROUNDS; round++) {
            MemoryDevice disk = MemoryDevice.of("disk", SECTORS);
            DmIo io = DmIo.builder().transferBytesMax(8192).build().get(1 + random.nextInt(12));
            Mono<ErrorBits> writing = io.write(
                    List.of(IoRegion.all(answering(disk))),
                    source(pattern, 1 + random.nextInt(random.nextBoolean() ? 900 : 20_000)));
            Mono<Long> until = Mono.delay(Duration.ofNanos(random.nextInt(1_500_000)));
            ErrorBits bits = writing.takeUntilOther(until).block();
            io.close().block();
            pass(giving, 1);
            pass(Schedulers.parallel(), Schedulers.DEFAULT_POOL_SIZE); // devices and timers

            assertThat(io.budget().inUse()).isZero();
            assertThat(given).allMatch(buffer -> buffer.refCnt() == 0);
            check(disk, pattern, bits != null);
            given.clear();
        }
    }

    /** What the threads were doing, they have done. */
    private static void pass(Scheduler scheduler, int threads) {
        Flux.range(0, threads)
                .flatMap(any -> Mono.empty().subscribeOn(scheduler), threads) // dealt to them in turn
                .blockLast();
    }

    private static void check(MemoryDevice disk, byte[] pattern, boolean all) {
        byte[] found = disk.snapshot(0, SECTORS);
        for (int at = 0; at < found.length; at += 512) {
            boolean written = Arrays.equals(found, at, at + 512, pattern, at, at + 512);
            boolean untouched = !all && Arrays.equals(found, at, at + 512, new byte[512], 0, 512);
            assertThat(written || untouched).as("sector %d", at / 512).isTrue();
        }
    }

    private Flux<ByteBuf> source(byte[] pattern, int length) {
        return Flux.defer(() -> {
                    AtomicInteger at = new AtomicInteger();
                    return Flux.<ByteBuf>generate(sink -> {
                        int from = at.getAndAdd(length);
                        if (from >= pattern.length) {
                            sink.complete();
                            return;
                        }
                        int bytes = Math.min(length, pattern.length - from);
                        ByteBuf buffer = PooledByteBufAllocator.DEFAULT
                                .directBuffer(bytes)
                                .writeBytes(pattern, from, bytes);
                        given.add(buffer);
                        sink.next(buffer);
                    });
                })
                .subscribeOn(giving);
    }

    private static BlockDevice answering(MemoryDevice device) {
        return new BlockDevice() {
            @Override
            public DeviceInfo info() {
                return device.info();
            }

            @Override
            public Mono<Void> submit(BlockOp op) {
                return device.submit(op).subscribeOn(Schedulers.parallel());
            }

            @Override
            public Mono<Void> close() {
                return device.close();
            }
        };
    }
}
