package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** A file that is opened if it is there and made if not, and several files at a time. */
class OpenOrCreateTest extends EngineFixture {

    private static final OpenOptions EITHER = OpenOptions.readWrite().withOpenOrCreate(8192);

    @ParameterizedTest
    @MethodSource("engines")
    void whatIsThereKeepsItsSizeAndContentAndWhatIsNotIsMade(IoEngine engine) throws IOException {
        Path file = directory.resolve("file");
        BlockDevice made = open(engine, file, EITHER);
        assertThat(made.info().sectorCount()).isEqualTo(16);
        write(made, 0, filled(512, 1));
        made.close().block(PATIENCE);
        BlockDevice again = tracked(open(engine, file, OpenOptions.readWrite().withOpenOrCreate(4096)));
        assertThat(again.info().sectorCount()).isEqualTo(16);
        assertThat(all(read(again, 0, 512))).isEqualTo(all(filled(512, 1)));
        Path empty = Files.write(directory.resolve("empty"), new byte[0]);
        assertThat(tracked(open(engine, empty, EITHER)).info().sectorCount()).isEqualTo(16);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void aFileThatSomebodyElseHasIsNotTakenAwayByTheRefusal(IoEngine engine) {
        Path file = directory.resolve("file");
        BlockDevice first = tracked(open(engine, file, EITHER));
        for (int i = 0; i < 3; i++) {
            StepVerifier.create(engine.open(file, EITHER))
                    .expectErrorSatisfies(error -> assertThat(error).hasMessageStartingWith("EBUSY"))
                    .verify(PATIENCE);
        }
        assertThat(file).hasSize(8192);
        write(first, 0, filled(512, 2));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void ofSeveralThatMakeItAtATimeOneHasItAndItIsWhole(IoEngine engine) {
        for (int round = 0; round < 30; round++) {
            Path file = directory.resolve("file" + round);
            AtomicInteger refused = new AtomicInteger();
            List<BlockDevice> open = Flux.range(0, 4)
                    .flatMap(i -> engine.open(file, EITHER)
                            .subscribeOn(Schedulers.parallel())
                            .onErrorResume(DeviceException.class, busy -> {
                                refused.incrementAndGet();
                                return reactor.core.publisher.Mono.empty();
                            }))
                    .collectList()
                    .blockOptional(PATIENCE)
                    .orElseThrow();
            assertThat(open).hasSize(1);
            assertThat(refused).hasValue(3);
            assertThat(open.get(0).info().sectorCount()).isEqualTo(16);
            BlockDevice.closeAll(open).block(PATIENCE);
        }
    }

    @Test
    void aFileThatMayExistNeedsASize() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OpenOptions(true, false, false, false, -1, false, true, 0666))
                .withMessageContaining("needs a size");
    }

    @ParameterizedTest
    @MethodSource("engines")
    void allAreOpenedOrNoneAndTheErrorNamesThePath(IoEngine engine) throws IOException {
        List<Path> paths = List.of(directory.resolve("a"), directory.resolve("b"), directory.resolve("c"));
        OpenOptions made = OpenOptions.readWrite().withOpenOrCreate(4096);
        for (int again = 0; again < 2; again++) { // no lock is left
            List<BlockDevice> open =
                    engine.openAll(paths, made).blockOptional(PATIENCE).orElseThrow();
            assertThat(open)
                    .extracting(device -> device.info().name())
                    .containsExactly(
                            paths.get(0).toString(),
                            paths.get(1).toString(),
                            paths.get(2).toString());
            BlockDevice.closeAll(open).block(PATIENCE);
        }
        Files.write(paths.get(2), new byte[1300]);
        for (int again = 0; again < 2; again++) {
            StepVerifier.create(engine.openAll(paths, made))
                    .expectErrorSatisfies(error -> assertThat(error)
                            .isInstanceOfSatisfying(
                                    DeviceException.class,
                                    refusal -> assertThat(refusal.device())
                                            .isEqualTo(paths.get(2).toString())))
                    .verify(PATIENCE);
            for (Path free : paths.subList(0, 2)) {
                open(engine, free, OpenOptions.readWrite()).close().block(PATIENCE);
            }
        }
    }
}
