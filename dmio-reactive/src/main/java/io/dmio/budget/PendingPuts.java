package io.dmio.budget;

import io.dmio.concurrent.Dropped;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.MonoSink;

/**
 * The puts of a {@link PageAccount} that wait, and for what. A put that leaves pages waits until no more are in use than were left. A put
 * that takes the last page waits for everything that was accepted before it, and for nothing that a later get lets in: so it ends a
 * {@link Phase}, and waits for that one and all older ones. Guarded by its budget.
 */
final class PendingPuts {

    /** Everything that was accepted from one put of the last page to the next. */
    static final class Phase {
        private int unfinished;
    }

    /**
     * A put that waits.
     *
     * @param left the pages it left
     * @param ended the phase that it waits for, if it left none
     */
    private record Put(int left, @Nullable Phase ended, MonoSink<Void> sink) {}

    private final List<Put> puts = new ArrayList<>(0); // in the order they came, so older phases first
    private Phase youngest = new Phase();

    void add(int left, MonoSink<Void> sink) {
        puts.add(new Put(left, left == 0 ? youngest : null, sink));
        if (left == 0) {
            youngest = new Phase();
        }
    }

    /** Notes that something was accepted: a part of something accepted before, or something new. */
    Phase enter(@Nullable Phase part) {
        Phase of = part == null ? youngest : part;
        of.unfinished++;
        return of;
    }

    /** Notes that it is over. */
    void leave(Phase of) {
        of.unfinished--;
    }

    /** Takes out the puts whose time has come. Called whenever fewer pages are in use, before others are granted any. */
    List<MonoSink<Void>> takeEnded(int inUse, int capacity) {
        if (puts.isEmpty()) {
            return List.of();
        }
        List<MonoSink<Void>> ended = new ArrayList<>();
        boolean olderAreOver = true;
        for (Iterator<Put> all = puts.iterator(); all.hasNext(); ) {
            Put put = all.next();
            boolean over;
            if (put.ended == null) {
                over = inUse <= Math.max(put.left, capacity); // what a later get brought counts as given back
            } else {
                olderAreOver &= put.ended.unfinished == 0;
                over = olderAreOver;
            }
            if (over) {
                all.remove();
                ended.add(put.sink);
            }
        }
        return ended;
    }

    /** Completes them without the lock, on a thread that has other work to do: what they throw is dropped. */
    static void tell(List<MonoSink<Void>> ended) {
        for (MonoSink<Void> put : ended) {
            try {
                put.success();
            } catch (Throwable thrown) {
                Dropped.error(thrown, put.contextView());
            }
        }
    }
}
