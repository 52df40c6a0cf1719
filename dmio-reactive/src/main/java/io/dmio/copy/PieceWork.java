package io.dmio.copy;

import reactor.core.publisher.Mono;

/** What is done with each piece while its pages are held. */
interface PieceWork {

    /** Pages of memory a piece needs. */
    int pages(CopyPiece piece);

    /**
     * Does one piece. Failures are told to the {@link CopyRun}; an error signal is a misuse that ends the copy.
     *
     * @param turn completes when the piece may write
     */
    Mono<Void> run(CopyPiece piece, Mono<Void> turn);
}
