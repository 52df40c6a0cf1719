package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Sectors;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Planes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Copies one chunk to the legs that lack it, piece by piece. Owned by the mailbox. */
final class ChunkCopy {

    private final Parts parts;
    private final MirrorRuntime runtime;
    private final int chunk;
    private final BooleanSupplier stopped;
    private final Consumer<ChunkCopy> told;
    private final long end;
    private final List<Leg> targets = new ArrayList<>();
    private final int[] joins = new int[LegLayout.LEGS_MAX];
    private long at;
    private boolean spoiled;
    private @Nullable DeviceException problem;

    /** What it works on. */
    record Parts(PieceCopy.Parts pieces, Planes planes, Cleaner cleaner, SyncThrottle throttle) {

        Legs legs() {
            return pieces.legs();
        }

        Repairs repairs() {
            return pieces.repairs();
        }
    }

    /**
     * Creates a copy to all legs that lack the chunk now.
     *
     * @param parts what it works on
     * @param stopped whether no other piece is to be copied
     * @param told called when the copy is over
     */
    ChunkCopy(Parts parts, int chunk, BooleanSupplier stopped, Consumer<ChunkCopy> told) {
        this.parts = parts;
        this.runtime = parts.legs().runtime();
        this.chunk = chunk;
        this.stopped = stopped;
        this.told = told;
        this.at = (long) chunk * runtime.chunkSectors();
        this.end = Math.min(at + runtime.chunkSectors(), runtime.sectorCount());
        for (Leg leg : parts.legs().roster().present()) {
            if (leg.takesPart() && parts.planes.get(Planes.stale(leg.index), chunk)) {
                targets.add(leg);
                joins[leg.index] = leg.joins;
                parts.cleaner.forget(leg, chunk); // what was copied before is copied anew
                parts.repairs().forget(leg, chunk);
            }
        }
    }

    int chunk() {
        return chunk;
    }

    /** Notes that a leg lacks a part of the chunk that was copied already. */
    void spoil() {
        spoiled = true;
    }

    /** What went wrong last, if anything did. */
    @Nullable
    DeviceException problem() {
        return problem;
    }

    /** Whether a leg has all of the chunk now. */
    boolean isComplete() {
        return at >= end && !spoiled && !targets.isEmpty();
    }

    /** Has the stale bits of these legs cleared, once the copy is durable. */
    void clear() {
        targets.forEach(leg -> parts.cleaner.copied(chunk, leg, joins[leg.index]));
    }

    void next() {
        if (isOver()) {
            told.accept(this);
        } else {
            parts.throttle.turn(this, Sectors.toBytes(count()), this::copy);
        }
    }

    private void copy() {
        if (isOver()) { // its turn was long in coming, and the legs are gone
            told.accept(this);
            return;
        }
        int mask = targets.stream().mapToInt(Leg::bit).reduce(0, (a, b) -> a | b);
        new PieceCopy(parts.pieces, new SectorRange(at, count()), mask, this::copied).start();
    }

    private boolean isOver() {
        targets.removeIf(this::isGone);
        return at >= end || targets.isEmpty() || spoiled || stopped.getAsBoolean();
    }

    private boolean isGone(Leg leg) {
        return !leg.takesPart() || leg.joins != joins[leg.index];
    }

    private int count() {
        return (int) Math.min(runtime.pieceSectors(), end - at);
    }

    private void copied(int whole, int failed, @Nullable DeviceException failure) {
        targets.removeIf(this::isGone); // a leg that is gone is reported once, not with each of its chunks
        problem = failure == null || targets.isEmpty() ? problem : failure;
        targets.removeIf(leg -> (whole & leg.bit()) == 0);
        at += runtime.pieceSectors();
        next();
    }
}
