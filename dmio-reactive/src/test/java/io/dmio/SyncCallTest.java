package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatRuntimeException;

import io.dmio.engine.IoEngine;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.dmio.testkit.ManualDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** The sync forms, on threads that may wait and on those that must not. */
class SyncCallTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final DmIo io = DmIo.create().get(4);
    private final VmBuffer page = VmBuffer.of(new byte[4096]);

    @Test
    void onAThreadThatMustNotBlockEverySyncFormIsRefusedAndNothingIsDone() {
        ManualDevice disk = ManualDevice.of("disk", 80);
        IoRegion region = new IoRegion(disk, 0, 8);
        List<IoRegion> regions = List.of(region);
        List<Supplier<ErrorBits>> forms = List.of(
                () -> io.readSync(region, page),
                () -> io.writeSync(regions, page),
                () -> io.writeSync(regions, page, WriteOptions.NONE.withFua()),
                () -> io.flushSync(regions),
                () -> io.discardSync(regions),
                () -> io.writeZeroesSync(regions));
        for (Supplier<ErrorBits> form : forms) {
            StepVerifier.create(Mono.fromSupplier(form).subscribeOn(Schedulers.parallel()))
                    .expectErrorSatisfies(error -> assertThat(error)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("nothing was done"))
                    .verify(PATIENCE);
        }
        assertThat(disk.ops()).isEmpty();
        assertThat(io.budget().inUse()).isZero();
    }

    @Test
    void anInterruptWithdrawsWhatStillWaitsForPages() throws InterruptedException {
        ManualDevice disk = ManualDevice.of("disk", 80);
        List<IoRegion> regions = List.of(new IoRegion(disk, 0, 8));
        DmIo one = DmIo.create().get(1);
        one.write(regions, page).subscribe();
        Thread caller = new Thread(() -> {
            Thread.currentThread().interrupt();
            assertThatRuntimeException().isThrownBy(() -> one.writeSync(regions, page));
        });
        caller.start();
        caller.join(PATIENCE.toMillis());

        assertThat(caller.isAlive()).isFalse();
        assertThat(one.budget().waiting()).isZero();
        disk.answer(0);
        assertThat(disk.ops()).hasSize(1);
    }

    @Test
    void aTimersThreadDoesNotReachAFileThatWay(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("file");
        IoEngine engine = IoEngines.posix(1);
        BlockDevice file = Objects.requireNonNull(
                engine.open(path, OpenOptions.readWrite().withCreate(4096)).block(PATIENCE));
        byte[] ones = new byte[4096];
        Arrays.fill(ones, (byte) 1);
        StepVerifier.create(Mono.delay(Duration.ZERO)
                        .then(Mono.fromSupplier(
                                () -> io.writeSync(List.of(new IoRegion(file, 0, 8)), VmBuffer.of(ones)))))
                .expectError(IllegalStateException.class)
                .verify(PATIENCE);
        file.close().then(engine.close()).block(PATIENCE);

        assertThat(Files.readAllBytes(path)).isEqualTo(new byte[4096]);
    }
}
