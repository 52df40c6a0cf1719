package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.concurrent.Source;
import io.dmio.testkit.ManualDevice;
import io.netty.util.IllegalReferenceCountException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.Disposable;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;

/** What a pipeline takes from its source, whatever the source is, and how it ends. */
class PipelineSourceTest {

    private static final int GIVE_UP =
            100_000; // where an endless source ends all the same, so that a test that fails ends
    private static final int PREFETCH = 256; // of publishOn

    private final ManualDevice disk = ManualDevice.of("disk", 1 << 20);
    private final VmBuffer page = VmBuffer.of(new byte[4096]);
    private final DmIo io = DmIo.create().get(4);
    private int given;

    enum Kind {
        SYNC_FUSED,
        ASYNC_FUSED,
        PLAIN;

        Flux<IoRequest> of(Flux<IoRequest> fused) {
            return switch (this) {
                case SYNC_FUSED -> fused;
                case ASYNC_FUSED -> fused.publishOn(Schedulers.immediate());
                case PLAIN -> fused.hide();
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCancelTakesNoMoreFromTheSource(Kind kind) {
        Disposable results = io.run(endless(kind))
                .doOnDiscard(IoRequest.class, request -> {})
                .subscribe();
        int before = given;
        results.dispose();

        assertThat(given).isEqualTo(before).isLessThan(10 + PREFETCH);
        disk.answerFrom(0);
        assertThat(io.budget().inUse()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aTimeoutTakesNoMoreFromTheSource(Kind kind) {
        VirtualTimeScheduler clock = VirtualTimeScheduler.getOrSet();
        try {
            io.runInOrder(endless(kind))
                    .timeout(Duration.ofSeconds(1))
                    .doOnDiscard(IoRequest.class, request -> {})
                    .subscribe(result -> {}, thrown -> {});
            int before = given;
            clock.advanceTimeBy(Duration.ofSeconds(1));
            assertThat(given).isEqualTo(before).isLessThan(10 + PREFETCH);
        } finally {
            VirtualTimeScheduler.reset();
        }
    }

    @Test
    void whatASourceGivesUnaskedRunsAllTheSameAndInOrder() {
        DmIo one = DmIo.create().get(1);
        CompletableFuture<List<IoResult>> results =
                one.runInOrder(unasked(1000)).collectList().toFuture();
        assertThat(disk.ops()).as("pages bound what runs").hasSize(1);
        disk.answerFrom(0);

        assertThat(results.join())
                .extracting(result -> result.request().regions().get(0).sector())
                .isSorted()
                .hasSize(1000);
    }

    @Test
    void aSourceThatGivesFarTooMuchIsAnOverflowAfterTheResults() {
        DmIo one = DmIo.create().get(1);
        List<IoResult> results = new ArrayList<>();
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        one.run(unasked(Source.EXCESS_MAX + 100)).subscribe(results::add, ended::complete);
        disk.answerFrom(0);

        assertThat(ended).isCompleted();
        assertThat(ended.join()).matches(Exceptions::isOverflow).hasMessageContaining("" + Source.EXCESS_MAX);
        assertThat(results).hasSizeGreaterThanOrEqualTo(Source.EXCESS_MAX);
    }

    @Test
    void aCloseUnderAPipelineIsAnIllegalStateAfterTheResults() {
        List<IoResult> results = new ArrayList<>();
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        io.run(endless(Kind.PLAIN)).subscribe(results::add, ended::complete);
        io.close().subscribe();
        disk.answerFrom(0);

        assertThat(results).hasSize(4);
        assertThat(ended).isCompleted();
        assertThat(ended.join()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aPipelineWhoseClientIsClosedDoesNotWaitForItsSource() {
        TestPublisher<IoRequest> source = TestPublisher.create();
        CompletableFuture<Long> results = io.run(source.flux()).count().toFuture();
        io.close().subscribe();
        source.next(write(0));

        source.assertCancelled();
        assertThat(results).isCompletedExceptionally();
    }

    @Test
    void aPipelineNeedsAnOpenClientWithPages() {
        StepVerifier.create(DmIo.create().run(Flux.<IoRequest>empty()))
                .expectError(IllegalStateException.class)
                .verify();
        io.close().block();
        StepVerifier.create(io.runInOrder(Flux.<IoRequest>empty()))
                .expectError(IllegalStateException.class)
                .verify();
    }

    @Test
    void aBlockLargerThanTheBudgetIsAnIllegalState() {
        ManualDevice large =
                new ManualDevice(DeviceInfo.of("large", 64, "manual").withBlocks(8192, 8192));
        IoRequest request =
                IoRequest.write(List.of(IoRegion.all(large)), VmBuffer.of(new byte[32_768]), WriteOptions.NONE);
        DmIo one = DmIo.create().get(1);
        for (Flux<?> run : List.of(one.run(request).flux(), one.run(Flux.just(write(0), request)))) {
            StepVerifier.create(run)
                    .then(() -> disk.answerFrom(Math.max(0, disk.ops().size() - 1)))
                    .thenConsumeWhile(result -> true)
                    .expectErrorSatisfies(thrown -> assertThat(thrown)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("less than one block of 8192 bytes"))
                    .verify();
        }
        assertThat(one.budget().inUse()).isZero();
    }

    @Test
    void memoryThatWasReleasedBeforeIsAnIllegalReferenceCount() {
        VmBuffer released = VmBuffer.allocate(4096);
        released.release();
        IoRequest request = IoRequest.write(List.of(new IoRegion(disk, 0, 8)), released, WriteOptions.NONE);
        for (Flux<?> run : List.of(io.run(request).flux(), io.run(Flux.just(request)))) {
            StepVerifier.create(run)
                    .expectError(IllegalReferenceCountException.class)
                    .verify();
        }
        assertThat(io.budget().inUse()).isZero();
        assertThat(disk.ops()).isEmpty();
    }

    /** All at once, whatever is asked for. */
    private Flux<IoRequest> unasked(int requests) {
        return Flux.from(subscriber -> {
            subscriber.onSubscribe(Operators.emptySubscription());
            for (int i = 0; i < requests; i++) {
                subscriber.onNext(write(i));
            }
            subscriber.onComplete();
        });
    }

    private Flux<IoRequest> endless(Kind kind) {
        return kind.of(Flux.generate(sink -> {
            if (given < GIVE_UP) {
                sink.next(write(given++));
            } else {
                sink.error(new IllegalStateException("gave up"));
            }
        }));
    }

    private IoRequest write(int place) {
        return IoRequest.write(List.of(new IoRegion(disk, place * 8L, 8)), page, WriteOptions.NONE);
    }
}
