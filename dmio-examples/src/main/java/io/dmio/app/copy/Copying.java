package io.dmio.app.copy;

import reactor.core.publisher.Mono;

/** A copy that can be run and watched. One use. */
interface Copying {

    /**
     * Runs the copy.
     *
     * @return how it ended, with the failures of legs and of the source
     */
    Mono<CopyReport> run();

    /** Returns the bytes that every leg has answered for. */
    long bytesDone();
}
