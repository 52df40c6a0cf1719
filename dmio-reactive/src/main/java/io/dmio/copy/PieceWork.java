package io.dmio.copy;

import reactor.core.publisher.Mono;

/** The work on each piece while its pages are held. */
interface PieceWork {

    /** Returns the number of pages of memory that a piece needs. */
    int pages(CopyPiece piece);

    /**
     * Does one piece. Failures are told to the {@link CopyRun}; an error signal means misuse, and ends the copy.
     *
     * @param turn completes when the piece may write
     */
    Mono<Void> run(CopyPiece piece, Mono<Void> turn);
}
