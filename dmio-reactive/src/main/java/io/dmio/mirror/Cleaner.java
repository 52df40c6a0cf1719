package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.mirror.disk.Planes;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Clears bits: the dirty bits of chunks that nobody wrote for a while, and the stale bits of chunks that were copied. Flushes all legs first,
 * once for all these bits, since a bit may be cleared only when what it stands for is durable. Owned by the mailbox.
 */
final class Cleaner {

    private static final int COPIES_MAX = 64;

    private final Legs legs;
    private final MirrorRuntime runtime;
    private final Planes planes;
    private final ChunkTable chunks;
    private final BitmapWriter writer;
    private final OnRecord onRecord;
    private final Listener listener;
    private List<Copied> copies = new ArrayList<>();
    private final List<Copied> spoiled = new ArrayList<>(); // since the last flush began
    private boolean ticking;
    private boolean running;
    private boolean failed;
    private long lastBatch; // the newest batch at the last look
    private boolean unsettled; // cleared bits could not be written

    /** A chunk that a leg has again; it counts as long as the leg has not left since. */
    private record Copied(int chunk, Leg leg, int joins) {}

    /** Hears of bits that are cleared. */
    interface Listener {

        /** Whether a good flush makes a dirty chunk clean. */
        boolean mayBeClean(int chunk);

        /** Called when the bits of a copied chunk were looked at: if some are still set, it is to be copied again. */
        void settled(int chunk);

        /** Called when cleared bits are durable. */
        void cleared();

        /** Called when the cleaner has looked at everything that there was. */
        void ended();
    }

    Cleaner(Legs legs, Bitmap bitmap, OnRecord onRecord, Listener listener) {
        this.legs = legs;
        this.runtime = legs.runtime();
        this.planes = bitmap.planes();
        this.chunks = bitmap.chunks();
        this.writer = bitmap.writer();
        this.onRecord = onRecord;
        this.listener = listener;
    }

    boolean isRunning() {
        return running;
    }

    /** Looks again after a while, as something is dirty. */
    void start() {
        if (!ticking) {
            ticking = true;
            runtime.after(runtime.options().cleanAfterNanos(), TimeUnit.NANOSECONDS, this::tick);
        }
    }

    /** Notes that a chunk was copied to a leg. */
    void copied(int chunk, Leg leg, int joins) {
        copies.add(new Copied(chunk, leg, joins));
        if (copies.size() >= COPIES_MAX) {
            soon();
        }
    }

    /** Clears the stale bits of what was copied, now. */
    void soon() {
        if (failed) {
            start(); // not at once again
        } else if (!running && !copies.isEmpty()) {
            run(new BitSet());
        }
    }

    /** Clears everything that nobody writes, before the mirror closes; calls back with null if all of it was flushed. */
    void all(Consumer<@Nullable DeviceException> ended) {
        chunks.takeIdle(); // chunks that were written lately are as clean as the others now
        new Run(chunks.takeIdle(), ended).start();
    }

    /** Forgets what was copied of a chunk, as it does not count any more; returns whether it waited here to be flushed. */
    boolean forget(Leg leg, int chunk) {
        if (running) {
            spoiled.add(new Copied(chunk, leg, 0));
        }
        return copies.removeIf(copy -> copy.chunk == chunk && copy.leg.equals(leg));
    }

    private void tick() {
        ticking = false;
        failed = false;
        beat();
        if (planes.count(Planes.DIRTY) > 0 || !copies.isEmpty() || unsettled) {
            start();
        }
        if (!running) {
            run(chunks.takeIdle());
        }
    }

    // Chunks that are written all the time are in no batch. The legs get one all the same, so that a leg that is put
    // back to an older state is behind, however few chunks are written.
    private void beat() {
        boolean quiet = lastBatch == planes.batch();
        lastBatch = planes.batch();
        if (quiet && !running && chunks.isTouched()) {
            writer.write();
        }
    }

    private void run(BitSet idle) {
        if (!idle.isEmpty() || !copies.isEmpty() || unsettled) {
            new Run(idle, flushed -> {}).start();
        }
    }

    private final class Run {
        private final List<Copied> these = copies;
        private final BitSet idle;
        private final Consumer<@Nullable DeviceException> told;

        Run(BitSet idle, Consumer<@Nullable DeviceException> told) {
            this.idle = idle;
            this.told = told;
        }

        void start() {
            running = true;
            copies = new ArrayList<>();
            spoiled.clear();
            chunks.flushBegins();
            if (runtime.options().keeps(Rule.FLUSH_BEFORE_CLEAR)) {
                new FlushRun(legs, onRecord, this::flushed).start();
            } else {
                flushed(null);
            }
        }

        private void flushed(@Nullable DeviceException problem) {
            if (problem != null) {
                failed = true;
                these.forEach(this::putBack);
                ended(problem);
                return;
            }
            these.forEach(this::clearStale);
            idle.stream().filter(chunks::isFlushed).filter(listener::mayBeClean).forEach(chunks::clean);
            writer.await(this::written);
        }

        private void written(@Nullable DeviceException problem) {
            unsettled = problem != null;
            if (problem == null) {
                onRecord.settled();
                listener.cleared();
            } else {
                Cleaner.this.start();
            }
            ended(null);
        }

        private void clearStale(Copied copy) {
            if (isValid(copy)) {
                onRecord.cleared(copy.leg);
                planes.clear(Planes.stale(copy.leg.index), copy.chunk);
            }
            listener.settled(copy.chunk);
        }

        private void putBack(Copied copy) {
            if (isValid(copy)) {
                copies.add(copy);
            } else {
                listener.settled(copy.chunk);
            }
        }

        private boolean isValid(Copied copy) {
            boolean spoilt = spoiled.contains(new Copied(copy.chunk, copy.leg, 0));
            return copy.leg.takesPart() && copy.leg.joins == copy.joins && !spoilt;
        }

        private void ended(@Nullable DeviceException unflushed) {
            running = false;
            told.accept(unflushed);
            if (copies.size() >= COPIES_MAX) {
                soon();
            }
            listener.ended();
        }
    }
}
