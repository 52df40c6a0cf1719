package io.dmio;

import io.dmio.concurrent.Custody;
import io.dmio.concurrent.Ending;
import io.dmio.concurrent.Source;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Runs a stream of requests side by side; the next one is asked for when a page is free and nobody waits in front. */
final class Pipeline {

    /** The most requests that run, or have run and whose results are not asked for yet. */
    static final int RESULTS_MAX = 1024;

    private final PageBudget budget;
    private final int transferBytesMax;
    private final Publisher<IoRequest> requests;

    Pipeline(PageBudget budget, int transferBytesMax, Publisher<IoRequest> requests) {
        this.budget = budget;
        this.transferBytesMax = transferBytesMax;
        this.requests = Objects.requireNonNull(requests, "requests");
    }

    /** Returns the results as they come. */
    Flux<IoResult> run() {
        return run((admitted, result) -> admitted.flatMap(result, RESULTS_MAX, 1));
    }

    /** Returns the results in the order of the requests. */
    Flux<IoResult> runInOrder() {
        return run((admitted, result) -> admitted.flatMapSequential(result, RESULTS_MAX, 1));
    }

    private Flux<IoResult> run(
            BiFunction<Flux<IoRequest>, Function<IoRequest, Mono<IoResult>>, Flux<IoResult>> sideBySide) {
        return Flux.defer(() -> {
            budget.checkOpen();
            Ending ending = new Ending();
            Custody<IoRequest> custody = new Custody<>(IoRequest::release);
            return sideBySide
                    .apply(admitted(ending, custody), request -> result(request, ending, custody))
                    .doOnNext(result -> custody.take(result.request())) // its memory is the receiver's now
                    .concatWith(ending.signal())
                    .doFinally(end -> custody.close());
        });
    }

    // A closed client fails every request: so the first failure ends the asking, whatever the source still has.
    private Flux<IoRequest> admitted(Ending ending, Custody<IoRequest> custody) {
        return budget.<IoRequest>turn()
                .thenMany(Source.<IoRequest, IoRequest>of(
                        requests, request -> request.isOwning() ? custody.keep(request) : request))
                .onErrorResume(ending::sourceFailed)
                .takeUntilOther(ending.stopped())
                .concatMap(request -> Flux.just(request).concatWith(budget.turn()), 0);
    }

    private Mono<IoResult> result(IoRequest request, Ending ending, Custody<IoRequest> custody) {
        return new Dispatch(request, budget, transferBytesMax, true)
                .map(bits -> new IoResult(request, bits))
                .doOnNext(done -> {
                    if (request.kind() != BlockOp.Kind.READ) { // what was read is still wanted
                        giveBack(request, custody);
                    }
                })
                .onErrorResume(failure -> {
                    giveBack(request, custody);
                    return ending.failed(failure);
                });
    }

    private static void giveBack(IoRequest request, Custody<IoRequest> custody) {
        if (custody.take(request)) {
            request.release();
        }
    }
}
