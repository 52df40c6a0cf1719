package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.MirrorEvent.Kind;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Planes;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Copies to legs what they lack, as long as a leg that takes part has stale chunks and another leg has them. Chunks are
 * copied in ascending order, several at once; the stale bits are the checkpoint. A chunk that fails is tried again
 * after a while. Owned by the mailbox.
 *
 * <p>No write is lost meanwhile, as a leg that takes part gets every write, to stale chunks too, and a piece that is
 * being copied has its range to itself.
 */
final class Resync {

    private static final long RETRY_SECONDS = 10;

    private final ChunkCopy.Parts parts;
    private final MirrorRuntime runtime;
    private final Roster roster;
    private final Planes planes;
    private final OnRecord onRecord;
    private final Owner owner;
    private final BitSet busy =
            new BitSet(); // being copied, or copied and not yet cleared, or waiting to be tried again
    private final BitSet waitingToRetry = new BitSet();
    private final List<Waiter> waiters = new ArrayList<>();
    private final List<ChunkCopy> copies = new ArrayList<>();
    private int cursor;
    private boolean looking;
    private boolean retrying;
    private boolean stopped;
    private long startNanos;
    private long done;

    private record Waiter(BooleanSupplier condition, Consumer<@Nullable DeviceException> told) {}

    Resync(ChunkCopy.Parts parts, OnRecord onRecord, Owner owner) {
        this.parts = parts;
        this.runtime = parts.legs().runtime();
        this.roster = parts.legs().roster();
        this.planes = parts.planes();
        this.onRecord = onRecord;
        this.owner = owner;
    }

    /** Looks for work, as something has changed. */
    void look() {
        if (!looking) {
            looking = true;
            runtime.tell(() -> {
                looking = false;
                pick();
            });
        }
    }

    boolean isIdle() {
        return copies.isEmpty();
    }

    /** Starts nothing any more, and tells all who wait. */
    void stop() {
        stopped = true;
        List<Waiter> all = List.copyOf(waiters);
        waiters.clear();
        all.forEach(one -> one.told.accept(Objects.requireNonNull(runtime.over())));
    }

    /** Calls back once a condition holds that only a leg coming into sync can bring about, or once the mirror is closed. */
    void when(BooleanSupplier condition, Caller<?> caller, Consumer<@Nullable DeviceException> told) {
        if (stopped) {
            told.accept(Objects.requireNonNull(runtime.over()));
            return;
        }
        Waiter waiter = new Waiter(condition, told);
        waiters.add(waiter);
        caller.onCancel(() -> runtime.tell(() -> waiters.remove(waiter)));
        look();
    }

    /** How many callers wait for a condition. */
    int waiting() {
        return waiters.size();
    }

    /** Whether all legs that have a device take part and have everything, apart from refused legs. */
    boolean isOver() {
        return roster.present().stream().allMatch(leg -> roster.isInSync(leg) || leg.isRefused());
    }

    /** Why a leg is refused; null if none is. */
    @Nullable
    DeviceException refusal() {
        return roster.present().stream()
                .filter(Leg::isRefused)
                .findFirst()
                .map(leg -> DeviceException.of(Errno.EINVAL, leg.name(), "is not taken back: " + leg.refusal))
                .orElse(null);
    }

    /** Notes that a leg lacks a chunk after all. */
    void spoil(Leg leg, int chunk) {
        planes.set(Planes.stale(leg.index), chunk);
        parts.repairs().forget(leg, chunk);
        if (leg.takesPart()) {
            leg.happens(LegLife.Event.SPOILT);
        }
        if (parts.cleaner().forget(leg, chunk)) {
            busy.clear(chunk);
        }
        copies.stream().filter(copy -> copy.chunk() == chunk).forEach(ChunkCopy::spoil);
        if (runtime.options().keeps(Rule.NOTE_BEFORE_REPAIR)) {
            parts.repairs().spoilt(chunk);
        }
        look();
    }

    /** Whether a chunk is being copied, or was copied and is not on record as whole yet. */
    boolean isUnderWay(int chunk) {
        return busy.get(chunk) || parts.repairs().isHeld(chunk);
    }

    /** The chunks that are being copied. */
    BitSet copied() {
        BitSet now = new BitSet();
        copies.forEach(copy -> now.set(copy.chunk()));
        return now;
    }

    /** The chunks for which {@link #isUnderWay} holds. */
    BitSet underWay() {
        BitSet all = (BitSet) busy.clone();
        parts.repairs().addHeld(all);
        return all;
    }

    /** Notes that legs which were noted to lack a chunk have it, and that this is about to be durable. */
    void repaired(int chunk) {
        busy.set(chunk);
    }

    /** Called when the bits of a copied chunk were looked at: if some are still set, it is to be copied again. */
    void settled(int chunk) {
        if (copies.stream().noneMatch(copy -> copy.chunk() == chunk)) {
            busy.clear(chunk);
        }
    }

    /** Called when cleared bits are durable. */
    void cleared() {
        for (Leg leg : roster.present()) {
            if (isWhole(leg)) {
                leg.happens(LegLife.Event.WHOLE);
                runtime.happened(Kind.LEG_IN_SYNC, leg.index, "leg " + leg.index + " (" + leg.name() + ") is in sync");
            }
        }
        roster.lookAtWritable();
        look();
    }

    // Whether the leg takes part on record, and durably lacks nothing any more.
    private boolean isWhole(Leg leg) {
        return leg.life() == LegLife.SYNCING
                && onRecord.isSettled(leg)
                && owner.isMarked(leg)
                && planes.count(Planes.stale(leg.index)) == 0;
    }

    /** Returns how far the resync is, if it runs. */
    Optional<WorkProgress> progress() {
        long stale = staleOfThoseIn();
        if (stale == 0) {
            return Optional.empty();
        }
        int uncleared = busy.cardinality() - copies.size() - waitingToRetry.cardinality(); // copied, not cleared
        long left = Math.max(0, stale - uncleared);
        return Optional.of(WorkProgress.of(runtime, done, done + left, startNanos)
                .pausedIf(parts.throttle().isPaused()));
    }

    private void pick() {
        while (!stopped && copies.size() < runtime.options().chunksInFlightMax(runtime.chunkSectors())) {
            int chunk = next(cursor);
            chunk = chunk < 0 && cursor > 0 ? next(0) : chunk;
            if (chunk < 0) {
                break;
            }
            cursor = chunk + 1;
            start(chunk);
        }
        if (copies.isEmpty()) {
            parts.cleaner().soon();
            lookWhetherDone();
        }
    }

    private void start(int chunk) {
        if (done == 0 && copies.isEmpty()) {
            startNanos = runtime.nanos();
        }
        busy.set(chunk);
        ChunkCopy copy = new ChunkCopy(parts, chunk, () -> stopped, this::ended);
        copies.add(copy);
        copy.next();
    }

    private void lookWhetherDone() {
        if (staleOfThoseIn() == 0) {
            done = 0;
        }
        List<Waiter> through =
                waiters.stream().filter(one -> one.condition.getAsBoolean()).toList();
        waiters.removeAll(through);
        through.forEach(one -> one.told.accept(null));
    }

    private long staleOfThoseIn() {
        long left = 0;
        for (Leg leg : roster.present()) {
            left = Math.max(left, leg.takesPart() ? planes.count(Planes.stale(leg.index)) : 0);
        }
        return left;
    }

    /** Returns the next chunk that a leg lacks and that nobody works on; -1 if there is none. */
    private int next(int from) {
        int best = -1;
        for (Leg leg : roster.present()) {
            if (!leg.takesPart()) {
                continue;
            }
            int plane = Planes.stale(leg.index);
            int chunk = planes.next(plane, from);
            while (chunk >= 0 && (busy.get(chunk) || parts.repairs().isHeld(chunk))) {
                chunk = planes.next(plane, chunk + 1);
            }
            if (chunk >= 0 && (best < 0 || chunk < best)) {
                best = chunk;
            }
        }
        return best;
    }

    private void failed(int chunk, @Nullable DeviceException why) {
        String reason = why == null ? "no leg that takes part has it" : "" + why.getMessage();
        runtime.happened(Kind.CHUNK_FAILED, LegLayout.NO_LEG, "chunk " + chunk + " could not be copied: " + reason);
        if (!retrying) {
            retrying = true;
            runtime.after(RETRY_SECONDS, TimeUnit.SECONDS, this::retry);
        }
        waitingToRetry.set(chunk);
    }

    private void retry() {
        retrying = false;
        busy.andNot(waitingToRetry);
        waitingToRetry.clear();
        look();
    }

    private void ended(ChunkCopy copy) {
        copies.remove(copy);
        DeviceException problem = copy.problem();
        if (copy.isComplete()) {
            done++;
            copy.clear();
        } else if (problem != null && !stopped) {
            failed(copy.chunk(), problem);
        } else {
            busy.clear(copy.chunk());
        }
        look();
    }
}
