package io.dmio.copy;

import reactor.core.publisher.Mono;

/** Zeroes the destinations, without a source: kcopyd_zero (dm-kcopyd.c). */
final class ZeroWork implements PieceWork {

    private final CopyRun run;
    private final Destinations to;

    ZeroWork(CopyRun run, Destinations to) {
        this.run = run;
        this.to = to;
    }

    @Override
    public int pages(CopyPiece piece) {
        return 1; // all zeroes come from one page; it is charged so that these pieces are bounded, too
    }

    @Override
    public Mono<Void> run(CopyPiece piece, Mono<Void> turn) {
        return turn.then(run.unlessHalted(() -> to.zero(piece.range())))
                .doOnNext(bits -> run.wrote(piece.range(), bits))
                .then();
    }
}
