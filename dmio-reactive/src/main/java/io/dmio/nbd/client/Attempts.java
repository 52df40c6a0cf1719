package io.dmio.nbd.client;

import java.util.BitSet;

/** The connections of a link that are being made, and the pause before the next is tried. Owned by the link's event loop. */
final class Attempts {

    private static final long PAUSE_MILLIS = 100;
    private static final long PAUSE_MILLIS_MAX = 5_000;

    private final BitSet places = new BitSet();
    private int count;
    private long pauseMillis = PAUSE_MILLIS;

    /** Returns how many are being made, or wait to be. */
    int count() {
        return count;
    }

    /** Returns the places of those that are being made; not to be changed. */
    BitSet places() {
        return places;
    }

    void begin(int place) {
        count++;
        places.set(place);
    }

    void end(int place) {
        count--;
        places.clear(place);
    }

    /** Counts one that is to be made after a pause, which doubles each time until one {@linkplain #succeeded succeeds}. */
    long pause() {
        count++;
        long now = pauseMillis;
        pauseMillis = Math.min(2 * pauseMillis, PAUSE_MILLIS_MAX);
        return now;
    }

    /** Ends a pause. */
    void resume() {
        count--;
    }

    void succeeded() {
        pauseMillis = PAUSE_MILLIS;
    }
}
