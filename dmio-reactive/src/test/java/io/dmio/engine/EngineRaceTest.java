package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.netty.buffer.ByteBuf;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.util.context.Context;

/** Submit, cancel, complete and close against each other. */
class EngineRaceTest extends EngineFixture {

    private static final int ROUNDS = 200;

    @ParameterizedTest
    @MethodSource("engines")
    void closeUnderLoadRefusesOrDoesAndNeverWritesToAnotherFile(IoEngine engine) {
        ByteBuf memory = filled(512, 1);
        for (int round = 0; round < ROUNDS; round++) {
            BlockDevice device = create(engine, "victim" + round, 4096);
            Mono<Long> writers = Flux.range(0, 2)
                    .flatMap(writer -> device.submit(new BlockOp.Write(0, memory, false))
                            .repeat()
                            .then(Mono.just(0L))
                            .onErrorResume(EngineRaceTest::isShutdown, error -> Mono.just(1L))
                            .subscribeOn(Schedulers.parallel()))
                    .reduce(0L, Long::sum);
            Mono<Long> ended = writers.cache();
            ended.subscribe();
            // The number is free after close: the next file gets it, and nothing may land there.
            device.close().block(PATIENCE);
            BlockDevice next = create(engine, "next" + round, 4096);
            assertThat(ended.block(PATIENCE)).isEqualTo(2);
            assertThat(zeroes(read(next, 0, 4096), 0, 8)).isTrue();
            next.close().block(PATIENCE);
        }
        assertThat(memory.refCnt()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void cancelAgainstStartLosesNoMemoryAndTellsAtMostOnce(IoEngine engine) {
        BlockDevice device = tracked(create(engine, "file", 1 << 20));
        ByteBuf memory = filled(4096, 2);
        AtomicInteger told = new AtomicInteger();
        for (int round = 0; round < ROUNDS * 20; round++) {
            Disposable write = device.submit(new BlockOp.Write(round % 256 * 8L, memory, false))
                    .subscribe(unused -> {}, error -> {}, told::incrementAndGet);
            if (round % 3 == 0) {
                Schedulers.parallel().schedule(write::dispose);
            } else {
                write.dispose();
            }
        }
        device.close().block(PATIENCE);
        assertThat(memory.refCnt()).isEqualTo(1);
        assertThat(told.get()).isLessThanOrEqualTo(ROUNDS * 20);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void aSubscriberThatThrowsStopsNobodyElse(IoEngine engine) {
        BlockDevice device = tracked(create(engine, "file", 4096));
        ByteBuf memory = filled(512, 3);
        List<Throwable> dropped = new CopyOnWriteArrayList<>();
        Consumer<Throwable> drop = dropped::add;
        for (int i = 0; i < 100; i++) {
            device.submit(new BlockOp.Write(0, memory, false))
                    .subscribe(
                            unused -> {},
                            error -> {},
                            () -> {
                                throw new IllegalStateException("a subscriber's own bug");
                            },
                            Context.of("reactor.onErrorDropped.local", drop));
        }
        device.close().block(PATIENCE);
        assertThat(dropped).hasSizeLessThanOrEqualTo(100).hasOnlyElementsOfType(IllegalStateException.class);
        assertThat(memory.refCnt()).isEqualTo(1);
    }

    @Test
    void aRingWithFewSlotsDoesEverythingInTheEnd() {
        IoEngine engine =
                UringHere.own(UringOptions.defaults().withInFlightMax(4).withLoops(2));
        BlockDevice device = tracked(create(engine, "file", 1 << 20));
        ByteBuf memory = filled(512, 4);
        Flux.range(0, 2048)
                .flatMap(sector -> device.submit(new BlockOp.Write(sector, memory, sector % 7 == 0)), 2048)
                .blockLast(PATIENCE);
        for (int sector = 0; sector < 2048; sector += 97) {
            assertThat(all(read(device, sector, 512))).isEqualTo(all(memory));
        }
        engine.close().block(PATIENCE);
    }

    @Test
    void aRingEngineClosesWhatIsOpenAndRefusesMore() {
        closesAndRefuses(UringHere.own(UringOptions.defaults()));
    }

    @Test
    void aPosixEngineClosesWhatIsOpenAndRefusesMore() {
        closesAndRefuses(IoEngines.posix(2));
    }

    private void closesAndRefuses(IoEngine engine) {
        BlockDevice device = create(engine, "file", 1 << 20);
        ByteBuf memory = filled(1 << 20, 5);
        for (int i = 0; i < 32; i++) {
            device.submit(new BlockOp.Write(0, memory, false)).subscribe();
        }
        engine.close().block(PATIENCE);
        assertThat(memory.refCnt()).isEqualTo(1);
        refuses(device, new BlockOp.Write(0, memory, false), Errno.ESHUTDOWN);
        StepVerifier.create(engine.open(directory.resolve("file"), OpenOptions.readOnly()))
                .expectErrorMessage(
                        "ESHUTDOWN: " + directory.resolve("file") + ": the " + engine.name() + " engine is closed")
                .verify(PATIENCE);
        engine.close().block(PATIENCE);
        assertThat(Files.exists(directory.resolve("file"))).isTrue();
    }

    @Test
    void aJdkEngineClosesWhatIsOpenAndRefusesMore() {
        closesAndRefuses(IoEngines.jdk(2));
    }

    @Test
    void theSharedEnginesStayOpen() {
        IoEngines.posix().close().block(PATIENCE);
        tracked(create(IoEngines.posix(), "file", 4096));
    }

    private BlockDevice create(IoEngine engine, String name, long bytes) {
        return open(engine, directory.resolve(name), OpenOptions.readWrite().withCreate(bytes));
    }

    private static boolean isShutdown(Throwable error) {
        return error instanceof DeviceException refusal && refusal.errno() == Errno.ESHUTDOWN;
    }
}
