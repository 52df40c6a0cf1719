package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.testkit.ManualDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

/** Memory that requests own is released, wherever a pipeline is cancelled. */
class PipelineOwnershipTest {

    private final ManualDevice disk = ManualDevice.of("disk", 1 << 20);
    private final List<VmBuffer> made = new ArrayList<>();

    static Stream<BiFunction<DmIo, Publisher<IoRequest>, Flux<IoResult>>> ways() {
        return Stream.of(DmIo::run, DmIo::runInOrder);
    }

    @AfterEach
    void allMemoryIsReleased() {
        assertThat(made)
                .isNotEmpty()
                .allSatisfy(memory -> assertThat(memory.buffer().refCnt()).isZero());
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aWriteReleasesItsMemoryBeforeItsResultIsTold(BiFunction<DmIo, Publisher<IoRequest>, Flux<IoResult>> way) {
        StepVerifier.create(way.apply(DmIo.create().get(4), Flux.just(write(0), flush().owning(), write(1)))
                        .doOnSubscribe(begun -> {}))
                .then(() -> disk.answerFrom(0))
                .thenConsumeWhile(result -> {
                    result.request()
                            .memory()
                            .ifPresent(memory -> assertThat(
                                            ((VmBuffer) memory).buffer().refCnt())
                                    .isZero());
                    return true;
                })
                .verifyComplete();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void whatWasReadIsTheSubscribers(BiFunction<DmIo, Publisher<IoRequest>, Flux<IoResult>> way) {
        StepVerifier.create(way.apply(DmIo.create().get(4), Flux.just(read(0))))
                .then(() -> disk.answer(0))
                .assertNext(result -> {
                    assertThat(made.get(0).buffer().getByte(0)).isEqualTo((byte) 0x5A);
                    result.release();
                    result.release(); // again is harmless
                })
                .verifyComplete();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aCancelReleasesWhatWaitsForPagesWhatRunsAndWhatWasNotTold(
            BiFunction<DmIo, Publisher<IoRequest>, Flux<IoResult>> way) {
        for (int pages = 1; pages <= 4; pages++) {
            for (int answered = 0; answered <= 3; answered++) {
                DmIo io = DmIo.create().get(pages);
                List<Subscriber<? super IoRequest>> given = new ArrayList<>();
                Publisher<IoRequest> source = subscriber -> { // one that heeds neither demand nor cancel
                    given.add(subscriber);
                    subscriber.onSubscribe(Operators.emptySubscription());
                };
                List<IoResult> told = new ArrayList<>();
                int before = disk.ops().size();
                Disposable running = way.apply(io, source).subscribe(told::add);
                for (int i = 0; i < 6; i++) {
                    given.get(0).onNext(i % 2 == 0 ? write(i) : read(i)); // some more than there are pages for
                }
                for (int i = 1;
                        i <= answered && before + i < disk.ops().size();
                        i++) { // never the first: order holds the others
                    disk.answer(before + i);
                }
                running.dispose();
                given.get(0).onNext(write(7)); // too late
                told.forEach(IoResult::release);
                answerRest(before, answered);
                assertThat(io.close().toFuture()).isCompleted();
                allMemoryIsReleased();
            }
        }
    }

    private void answerRest(int before, int answered) {
        for (int i = before; i < disk.ops().size(); i++) {
            if (i == before || i > before + answered) {
                disk.answer(i);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void takingSomeReleasesTheRest(BiFunction<DmIo, Publisher<IoRequest>, Flux<IoResult>> way) {
        MemoryDevice quick = MemoryDevice.of("quick", 1 << 10);
        DmIo io = DmIo.create().get(3);
        Flux<IoRequest> endless = Flux.generate(sink ->
                sink.next(IoRequest.write(List.of(new IoRegion(quick, 0, 8)), memory(), WriteOptions.NONE)
                        .owning()));
        StepVerifier.create(way.apply(io, endless).take(10)).expectNextCount(10).verifyComplete();
        assertThat(io.close().toFuture()).isCompleted();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aClientThatIsClosedReleasesWhatItRefuses(BiFunction<DmIo, Publisher<IoRequest>, Flux<IoResult>> way) {
        DmIo io = DmIo.create().get(2);
        TestPublisher<IoRequest> source = TestPublisher.create();
        var results = way.apply(io, source.flux()).collectList().toFuture();
        source.next(write(0));
        var closed = io.close().toFuture();
        source.next(read(1));
        disk.answerFrom(0);
        source.complete();
        assertThat(results).isCompletedExceptionally();
        assertThat(closed).isCompleted();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aSourceThatFailsReleasesWhatItGaveUnasked(BiFunction<DmIo, Publisher<IoRequest>, Flux<IoResult>> way) {
        DmIo io = DmIo.create().get(1);
        TestPublisher<IoRequest> source = TestPublisher.createNoncompliant(TestPublisher.Violation.REQUEST_OVERFLOW);
        var results = way.apply(io, source.flux()).collectList().toFuture();
        for (int i = 0; i < 3; i++) {
            source.next(write(i));
        }
        source.error(new IllegalStateException("of the source"));
        disk.answerFrom(0);
        assertThat(results).isCompletedExceptionally();
    }

    @Test
    void aRequestThatBorrowsKeepsItsMemory() {
        VmBuffer memory = memory();
        IoRequest borrowing = IoRequest.write(List.of(new IoRegion(disk, 0, 8)), memory, WriteOptions.NONE);
        StepVerifier.create(DmIo.create().get(1).run(Flux.just(borrowing)))
                .then(() -> disk.answer(0))
                .assertNext(IoResult::release)
                .verifyComplete();
        assertThat(memory.buffer().refCnt()).isEqualTo(1);
        memory.release();
    }

    private IoRequest write(int at) {
        return IoRequest.write(List.of(new IoRegion(disk, at * 8L, 8)), memory(), WriteOptions.NONE)
                .owning();
    }

    private IoRequest read(int at) {
        return IoRequest.read(new IoRegion(disk, at * 8L, 8), memory()).owning();
    }

    private IoRequest flush() {
        return IoRequest.flush(List.of(new IoRegion(disk, 0, 8)));
    }

    private VmBuffer memory() {
        VmBuffer memory = VmBuffer.allocate(4096);
        made.add(memory);
        return memory;
    }
}
