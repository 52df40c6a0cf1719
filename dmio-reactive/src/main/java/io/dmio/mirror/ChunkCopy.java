package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Sectors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One chunk on its way to the legs that lack it, piece by piece. Owned by the mailbox. */
final class ChunkCopy {

    private final Mirror mirror;
    private final int chunk;
    private final BooleanSupplier stopped;
    private final Consumer<ChunkCopy> told;
    private final long end;
    private final List<Leg> targets = new ArrayList<>();
    private final int[] joins = new int[MirrorOptions.LEGS_MAX];
    private long at;
    private boolean spoiled;
    private @Nullable DeviceException problem;

    /**
     * To all legs that lack the chunk now.
     *
     * @param stopped whether it is to go on with no other piece
     * @param told when it is over
     */
    ChunkCopy(Mirror mirror, int chunk, BooleanSupplier stopped, Consumer<ChunkCopy> told) {
        this.mirror = mirror;
        this.chunk = chunk;
        this.stopped = stopped;
        this.told = told;
        this.at = (long) chunk * mirror.chunkSectors();
        this.end = Math.min(at + mirror.chunkSectors(), mirror.sectorCount());
        for (Leg leg : mirror.roster().present()) {
            if (leg.takesPart() && mirror.planes().get(Planes.stale(leg.index), chunk)) {
                targets.add(leg);
                joins[leg.index] = leg.joins;
                mirror.cleaner().forget(leg, chunk); // what was copied before is copied anew
                mirror.repairs().forget(leg, chunk);
            }
        }
    }

    int chunk() {
        return chunk;
    }

    /** A leg lacks something of it that was copied already. */
    void spoil() {
        spoiled = true;
    }

    /** What went wrong last, if anything did. */
    @Nullable
    DeviceException problem() {
        return problem;
    }

    /** Whether a leg has all of it now. */
    boolean isComplete() {
        return at >= end && !spoiled && !targets.isEmpty();
    }

    /** Clears that legs lack it, once that is durable. */
    void clear() {
        targets.forEach(leg -> mirror.cleaner().copied(chunk, leg, joins[leg.index]));
    }

    void next() {
        if (isOver()) {
            told.accept(this);
        } else {
            mirror.pace().turn(this, Sectors.toBytes(count()), this::copy);
        }
    }

    private void copy() {
        if (isOver()) { // its turn was long in coming, and the legs are gone
            told.accept(this);
            return;
        }
        int mask = targets.stream().mapToInt(Leg::bit).reduce(0, (a, b) -> a | b);
        new PieceCopy(mirror, new long[] {at, count()}, mask, this::copied).start();
    }

    private boolean isOver() {
        targets.removeIf(this::isGone);
        return at >= end || targets.isEmpty() || spoiled || stopped.getAsBoolean();
    }

    private boolean isGone(Leg leg) {
        return !leg.takesPart() || leg.joins != joins[leg.index];
    }

    private long count() {
        return Math.min(mirror.pieceSectors(), end - at);
    }

    private void copied(int whole, int failed, @Nullable DeviceException failure) {
        targets.removeIf(this::isGone); // which is told once, not with each of its chunks
        problem = failure == null || targets.isEmpty() ? problem : failure;
        targets.removeIf(leg -> (whole & leg.bit()) == 0);
        at += mirror.pieceSectors();
        next();
    }
}
