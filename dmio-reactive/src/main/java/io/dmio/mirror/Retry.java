package io.dmio.mirror;

import java.util.function.Consumer;

/**
 * Tries something again after a pause, only once however often it failed meanwhile. If each failure set a timer, there
 * would be ever more tries, each of which fails. Owned by the mailbox.
 */
final class Retry {

    private final Consumer<Runnable> pause;
    private final Runnable work;
    private boolean waits;

    /**
     * @param pause runs what it is given after a while
     */
    Retry(Consumer<Runnable> pause, Runnable work) {
        this.pause = pause;
        this.work = work;
    }

    void later() {
        if (!waits) {
            waits = true;
            pause.accept(() -> {
                waits = false;
                work.run();
            });
        }
    }
}
