package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.DeviceScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.util.RaceTestUtils;

/** What is opened is had by somebody or closed: a descriptor that is lost keeps its lock. */
class OpenHandoverTest extends EngineFixture {

    private static final int ROUNDS = 400;

    @ParameterizedTest
    @MethodSource("engines")
    void aTimeoutThatMeetsAnOpenLeavesNoLock(IoEngine engine) throws IOException {
        Path file = Files.write(directory.resolve("file"), new byte[512]);
        for (int round = 0; round < ROUNDS; round++) {
            Sinks.Empty<Void> timer = Sinks.empty();
            Mono<BlockDevice> opening = engine.open(file, OpenOptions.readWrite())
                    .onErrorComplete() // locked by the round before
                    .timeout(timer.asMono());
            RaceTestUtils.race(
                    () -> opening.subscribe(device -> device.close().subscribe(), late -> {}), timer::tryEmitEmpty);
        }
        isFreeInTheEnd(engine, file);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void aScopeThatMeetsACancelLeavesNoLock(IoEngine engine) throws IOException {
        Path one = Files.write(directory.resolve("one"), new byte[512]);
        Path two = Files.write(directory.resolve("two"), new byte[512]);
        DeviceScope<BlockDevice> scope = DeviceScope.of(
                List.of(engine.open(one, OpenOptions.readWrite()), engine.open(two, OpenOptions.readWrite())));
        for (int round = 0; round < ROUNDS; round++) {
            Disposable work =
                    scope.mono(devices -> Mono.never()).onErrorComplete().subscribe();
            RaceTestUtils.race(work::dispose, Thread::onSpinWait);
        }
        isFreeInTheEnd(engine, one);
        isFreeInTheEnd(engine, two);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void whatNobodyHoldsIsClosedByTheCollector(IoEngine engine) throws IOException {
        Path file = Files.write(directory.resolve("file"), new byte[512]);
        lose(engine, file);
        Mono<BlockDevice> again = Mono.defer(() -> {
            System.gc();
            return engine.open(file, OpenOptions.readWrite());
        });
        tracked(again.retry(200).blockOptional(PATIENCE).orElseThrow());
    }

    private static void lose(IoEngine engine, Path file) {
        assertThat(engine.open(file, OpenOptions.readWrite()).block(PATIENCE)).isNotNull();
    }

    @Test
    void anOpenThatIsCancelledBeforeItBeginsTouchesNothing() throws Exception {
        IoEngine engine = IoEngines.posix(1);
        Path file = Files.write(directory.resolve("file"), new byte[512]);
        Path never = directory.resolve("never");
        CountDownLatch cancelled = new CountDownLatch(1);
        Mono<Void> held = engine.open(file, OpenOptions.readOnly())
                .doOnNext(device -> await(cancelled)) // and so the engine's only thread waits
                .flatMap(BlockDevice::close)
                .cache();
        held.subscribe();
        engine.open(never, OpenOptions.readWrite().withCreate(512)).subscribe().dispose();
        cancelled.countDown();
        held.block(PATIENCE);
        engine.close().block(PATIENCE);
        assertThat(never).doesNotExist();
    }

    private void isFreeInTheEnd(IoEngine engine, Path file) {
        Mono<BlockDevice> opening = engine.open(file, OpenOptions.readWrite()).retry(1_000_000);
        opening.blockOptional(PATIENCE).orElseThrow().close().block(PATIENCE);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
