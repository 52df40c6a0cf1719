package io.dmio.budget;

import reactor.core.Exceptions;

/** The errors with which a {@link PageAccount} refuses claims. */
final class Refusal {

    private Refusal() {}

    static IllegalStateException noPages() {
        return new IllegalStateException(
                "no pages: call get(pages) before any I/O, as dm_io_get; 256 pages keep 1 MiB in flight");
    }

    static IllegalStateException closed() {
        return new IllegalStateException("closed: no I/O is taken any more");
    }

    static RuntimeException queueFull(int waitersMax) {
        return Exceptions.failWithOverflow(
                waitersMax + " requests wait for pages already, and no more may (waitersMax)");
    }
}
