package io.dmio.copy;

import io.dmio.ErrorBits;
import io.dmio.Sectors;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * One run of a copy: cuts it into pieces, lets each wait for its turn (throttle, pages, pause), runs a few side by side, and sums them up. It
 * halts on a cancel, or on an error unless told to go on: then nothing more is submitted, and what was submitted runs to its end while its
 * pages are held. After split_job and segment_complete (dm-kcopyd.c).
 */
final class CopyRun {

    private final CopyService service;
    private final CopyPlan plan;
    private final PauseGate gate;
    private final CopyTally tally;
    private final WriteOrder order = new WriteOrder();
    private final Sinks.Empty<Void> halt = Sinks.empty();
    private final Sinks.Empty<Void> ended = Sinks.empty();
    private volatile boolean halted;

    CopyRun(CopyService service, CopyPlan plan, PauseGate gate) {
        this.service = service;
        this.plan = plan;
        this.gate = gate;
        this.tally = new CopyTally(plan);
    }

    CopyPlan plan() {
        return plan;
    }

    long bytesDone() {
        return tally.bytesDone();
    }

    /** Returns a Mono that completes when {@link #end} was called. */
    Mono<Void> ended() {
        return ended.asMono();
    }

    /** Ends what watches the run. */
    void end() {
        halt();
        ended.tryEmitEmpty();
    }

    /** Copies, and returns the result; subscribed once. */
    Mono<CopyResult> result() {
        return Mono.defer(() -> {
            int pieceBytes = service.pieceBytes(plan.blockBytes());
            Destinations to = new Destinations(service.io(), plan);
            refuse(to);
            PieceWork work = work(to);
            return new SourcePieces(plan, pieceBytes / Sectors.BYTES)
                    .all()
                    .concatMap(this::inTurn, 0)
                    .takeUntilOther(halt.asMono())
                    .flatMap(piece -> whileHoldingPages(piece, work), service.piecesInFlightMax(), 1)
                    .then(flush())
                    .then(Mono.fromSupplier(tally::result))
                    .doOnCancel(this::halt);
        });
    }

    private PieceWork work(Destinations to) {
        return plan.from()
                .<PieceWork>map(source -> new CopyWork(this, service.io(), source, to))
                .orElseGet(() -> new ZeroWork(this, to));
    }

    private void refuse(Destinations to) {
        long readable = plan.readableSectors();
        plan.sourceRefusal()
                .map(cause -> ErrorBits.of(0, cause))
                .ifPresent(bits -> unread(new SectorRange(readable, plan.sectorCount() - readable), bits));
        failed(to.refused());
        if (to.allRefused()) {
            halt();
        }
    }

    // A copy queues for pages with one piece at a time, so that a hundred copies alternate. The pause comes last, so
    // that a piece that waited for the throttle does not start during it.
    private Mono<CopyPiece> inTurn(CopyPiece piece) {
        Mono<Void> admitted = piece.hole()
                ? Mono.empty()
                : service.throttle().admit(piece.range().bytes());
        return admitted.then(service.budget().<Void>use(1, Mono::empty))
                .then(gate.pass())
                .thenReturn(piece);
    }

    // Halts before the siblings are cancelled: a piece that gets the pages of a withdrawn one must not start.
    private Mono<Void> whileHoldingPages(CopyPiece piece, PieceWork work) {
        long number = order.take();
        Mono<Void> turn = plan.options().ascending() ? order.turnOf(number) : Mono.empty();
        return service.budget()
                .use(
                        work.pages(piece),
                        () -> unlessHalted(() -> service.throttle().timed(work.run(piece, turn)))
                                .doFinally(any -> order.passed(number)))
                .doOnError(misuse -> halt());
    }

    private Mono<Void> flush() {
        return unlessHalted(() -> plan.options().flush()
                ? service.io().flush(plan.to()).doOnNext(this::failed).then()
                : Mono.empty());
    }

    /** Submits something, unless the run has halted. */
    <T> Mono<T> unlessHalted(Supplier<Mono<T>> act) {
        return Mono.defer(() -> halted ? Mono.empty() : act.get());
    }

    /** Notes that a range was written to all destinations, or to all but some. */
    void wrote(SectorRange range, ErrorBits bits) {
        tally.wrote(range, bits);
        service.work().wrote(range, bits);
        stopUnlessToldToGoOn(bits);
    }

    /** Notes that a range of zeroes was skipped or punched in all destinations, or in all but some. */
    void leftZero(SectorRange range, ErrorBits bits) {
        tally.leftZero(range, bits);
        service.work().leftZero(range, bits);
        stopUnlessToldToGoOn(bits);
    }

    /** Notes that a range of the source could not be read, and will not be written. */
    void unread(SectorRange range, ErrorBits bits) {
        tally.unread(range, bits.cause(0).orElseThrow());
        service.work().unread(range);
        stopUnlessToldToGoOn(bits);
    }

    private void failed(ErrorBits bits) {
        tally.failed(bits);
        stopUnlessToldToGoOn(bits);
    }

    private void stopUnlessToldToGoOn(ErrorBits bits) {
        if (!bits.isClear() && !plan.options().goOnAfterError()) {
            halt();
        }
    }

    private void halt() {
        halted = true;
        halt.tryEmitEmpty();
    }
}
