package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.testkit.ManualDevice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

/** A stream of requests: one result each, and no more asked of the source than pages allow. */
class PipelineTest {

    private final ManualDevice disk = ManualDevice.of("disk", 1 << 20);
    private final VmBuffer page = VmBuffer.of(new byte[4096]);

    @Test
    void theSourceIsAskedOnlyWhenAPageIsFree() {
        DmIo io = DmIo.create().get(2);
        List<Long> asked = new ArrayList<>();
        TestPublisher<IoRequest> source = TestPublisher.create();
        var results =
                io.run(source.flux().doOnRequest(asked::add)).collectList().toFuture();
        assertThat(asked).containsExactly(1L);
        source.next(write(0));
        assertThat(asked).as("one page left").containsExactly(1L, 1L);
        source.next(write(1));
        assertThat(asked).as("no page left").hasSize(2);
        disk.answer(0);
        assertThat(asked).hasSize(3);
        source.next(write(2));
        source.complete();
        disk.answerFrom(1);

        assertThat(results.join())
                .hasSize(3)
                .allMatch(result -> result.errorBits().isClear());
    }

    @Test
    void nothingIsAskedWhileOthersHoldEveryPage() {
        DmIo io = DmIo.create().get(1);
        io.run(write(0)).subscribe();
        List<Long> asked = new ArrayList<>();
        io.run(Flux.just(write(1)).doOnRequest(asked::add)).subscribe();

        assertThat(asked).isEmpty();
        disk.answer(0);
        assertThat(asked).isNotEmpty();
        disk.answer(1);
    }

    @Test
    void resultsComeAsTheyCompleteOrInOrder() {
        DmIo io = DmIo.create().get(8);
        List<IoRequest> requests = List.of(write(0), write(1), write(2));
        List<IoRequest> asCompleted = new ArrayList<>();
        List<IoRequest> inOrder = new ArrayList<>();
        io.run(Flux.fromIterable(requests)).subscribe(result -> asCompleted.add(result.request()));
        io.runInOrder(Flux.fromIterable(requests)).subscribe(result -> inOrder.add(result.request()));
        for (int i : new int[] {2, 0, 1, 5, 3, 4}) {
            disk.answer(i);
        }

        assertThat(asCompleted).containsExactly(requests.get(2), requests.get(0), requests.get(1));
        assertThat(inOrder).isEqualTo(requests);
    }

    @Test
    void aFailedRequestIsAResultLikeAnyOther() {
        DmIo io = DmIo.create().get(8);
        var results = io.runInOrder(Flux.just(write(0), write(1))).collectList().toFuture();
        disk.fail(0, Errno.EIO);
        disk.answer(1);

        assertThat(results.join())
                .extracting(result -> result.errorBits().toLong())
                .containsExactly(1L, 0L);
    }

    @Test
    void anErrorOfTheSourceComesAfterTheResultsOfWhatRuns() {
        DmIo io = DmIo.create().get(8);
        Flux<IoRequest> source = Flux.just(write(0)).concatWith(Flux.error(new IllegalArgumentException("source")));
        StepVerifier.create(io.run(source))
                .then(() -> disk.answer(0))
                .expectNextCount(1)
                .expectErrorMessage("source")
                .verify();
    }

    @Test
    void cancelStopsAskingAndWhatRunsRunsOut() {
        DmIo io = DmIo.create().get(2);
        TestPublisher<IoRequest> source = TestPublisher.create();
        var pipeline = io.run(source.flux()).subscribe();
        source.next(write(0));
        pipeline.dispose();

        source.assertCancelled();
        assertThat(io.budget().inUse()).isEqualTo(1);
        disk.answer(0);
        assertThat(io.budget().inUse()).isZero();
    }

    @Test
    void aClientThatIsClosedEndsTheAskingOfAnEndlessSource() {
        DmIo io = DmIo.create().get(2);
        long[] asked = {0};
        Flux<IoRequest> endless = Flux.generate(sink -> {
            asked[0]++;
            sink.next(write(0));
        });
        var results = io.run(endless).count().toFuture();
        io.close().subscribe();
        disk.answerFrom(0);

        assertThat(results).isCompletedExceptionally();
        assertThat(asked[0]).isLessThan(10);
    }

    @Test
    void everyKindOfRequestRuns() {
        DmIo io = DmIo.create().get(8);
        List<IoRegion> regions = List.of(new IoRegion(disk, 0, 8));
        Flux<IoRequest> requests = Flux.just(
                IoRequest.read(regions.get(0), page),
                IoRequest.write(regions, page, WriteOptions.NONE.withFua()),
                IoRequest.flush(regions),
                IoRequest.discard(regions),
                IoRequest.writeZeroes(regions));
        var results = io.run(requests).count().toFuture();
        disk.answerFrom(0);

        assertThat(results.join()).isEqualTo(5);
        assertThat(disk.ops()).extracting(BlockOp::kind).containsExactly(BlockOp.Kind.values());
    }

    private IoRequest write(int place) {
        return IoRequest.write(List.of(new IoRegion(disk, place * 8L, 8)), page, WriteOptions.NONE);
    }
}
