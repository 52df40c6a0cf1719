package io.dmio.mirror;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Acknowledged writes that a leg which may lag behind has not done yet. Owned by the mailbox. */
final class Laggards {

    private final Set<Lagging> runs = new LinkedHashSet<>();
    private int catchUps;

    /** A write that a leg may lag behind with. */
    interface Lagging {

        /** The legs that have not answered. */
        int waiting();

        /** Calls back in the mailbox when no leg lags behind with it any more. */
        void afterLag(Runnable called);
    }

    void add(Lagging run) {
        runs.add(run);
    }

    void remove(Lagging run) {
        if (!runs.isEmpty()) { // asked for each write, and a new object's hash is a call into the JVM
            runs.remove(run);
        }
    }

    /** Whether somebody waits for writes to arrive, and for no other to lag behind until then. */
    boolean areToCatchUp() {
        return catchUps > 0;
    }

    /** As {@link #whenArrived}; meanwhile the legs {@linkplain #areToCatchUp are to catch up}, as otherwise there is always another write. */
    void whenCaughtUp(Predicate<Lagging> which, Runnable called) {
        catchUps++;
        whenArrived(which, () -> {
            catchUps--;
            called.run();
        });
    }

    /** Calls back when those of these writes that lag behind now have arrived; at once if there are none. */
    void whenArrived(Predicate<Lagging> which, Runnable called) {
        List<Lagging> now = runs.stream().filter(which).toList();
        if (now.isEmpty()) {
            called.run();
            return;
        }
        int[] left = {now.size()};
        now.forEach(run -> run.afterLag(() -> {
            if (--left[0] == 0) {
                called.run();
            }
        }));
    }
}
