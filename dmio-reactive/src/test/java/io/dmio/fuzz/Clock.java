package io.dmio.fuzz;

/** Counts events, to tell what came before what. */
final class Clock {

    private int now;

    int tick() {
        return ++now;
    }

    int now() {
        return now;
    }
}
