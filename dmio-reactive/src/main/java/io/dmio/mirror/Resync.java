package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.Sectors;
import io.dmio.mirror.MirrorEvent.Kind;
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
 * Brings legs what they lack: while a leg that takes part has stale chunks and another has them, chunks are being copied.
 * Ascending, several at once; the stale bits are the checkpoint. A chunk that fails is tried again after a while. Owned by
 * the mailbox.
 *
 * <p>Nothing is lost of what is written meanwhile, as a leg that takes part gets every write, to stale chunks too, and a
 * piece that is copied has its range to itself.
 */
final class Resync {

    private static final long RETRY_SECONDS = 10;

    private final Mirror mirror;
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

    Resync(Mirror mirror) {
        this.mirror = mirror;
    }

    /** Something changed: perhaps there is work. */
    void look() {
        if (!looking) {
            looking = true;
            mirror.tell(() -> {
                looking = false;
                pick();
            });
        }
    }

    boolean isIdle() {
        return copies.isEmpty();
    }

    /** Starts nothing any more; who waits is told so. */
    void stop() {
        stopped = true;
        List<Waiter> all = List.copyOf(waiters);
        waiters.clear();
        all.forEach(one -> one.told.accept(Objects.requireNonNull(mirror.over())));
    }

    /** Tells once a condition holds that only a leg's coming into sync can bring about, or that the mirror is closed. */
    void when(BooleanSupplier condition, Caller<?> caller, Consumer<@Nullable DeviceException> told) {
        if (stopped) {
            told.accept(Objects.requireNonNull(mirror.over()));
            return;
        }
        Waiter waiter = new Waiter(condition, told);
        waiters.add(waiter);
        caller.onCancel(() -> mirror.tell(() -> waiters.remove(waiter)));
        look();
    }

    /** How many wait for a condition. */
    int waiting() {
        return waiters.size();
    }

    /** Whether all legs that have a device take part and have everything, but for those that are refused. */
    boolean isOver() {
        return mirror.roster().present().stream()
                .allMatch(leg -> mirror.onRecord().lacksNothing(leg) || leg.isRefused());
    }

    /** Why a leg is refused; null if none is. */
    @Nullable
    DeviceException refusal() {
        return mirror.roster().present().stream()
                .filter(Leg::isRefused)
                .findFirst()
                .map(leg -> DeviceException.of(Errno.EINVAL, leg.name(), "is not taken back: " + leg.refusal))
                .orElse(null);
    }

    /** A leg lacks a chunk after all. */
    void spoil(Leg leg, int chunk) {
        mirror.planes().set(Planes.stale(leg.index), chunk);
        if (leg.takesPart()) {
            leg.happens(LegLife.Event.SPOILT);
        }
        if (mirror.cleaner().forget(leg, chunk)) {
            busy.clear(chunk);
        }
        copies.stream().filter(copy -> copy.chunk == chunk).forEach(copy -> copy.spoiled = true);
        look();
    }

    /** A copied chunk's bits were looked at: if some are still set, it is to be copied again. */
    void settled(int chunk) {
        busy.clear(chunk);
    }

    /** Cleared bits are durable. */
    void cleared() {
        for (Leg leg : mirror.roster().present()) {
            if (mirror.onRecord().isWhole(leg)) {
                leg.happens(LegLife.Event.WHOLE);
                mirror.happened(Kind.LEG_IN_SYNC, leg.index, "leg " + leg.index + " (" + leg.name() + ") is in sync");
            }
        }
        mirror.roster().lookAtWritable();
        look();
    }

    /** How far it is, if it runs. */
    Optional<WorkProgress> progress() {
        long stale = staleOfThoseIn();
        if (stale == 0) {
            return Optional.empty();
        }
        int uncleared = busy.cardinality() - copies.size() - waitingToRetry.cardinality(); // and copied
        long left = Math.max(0, stale - uncleared);
        return Optional.of(WorkProgress.of(mirror, done, done + left, startNanos));
    }

    private void pick() {
        while (!stopped && copies.size() < mirror.options().chunksInFlightMax(mirror.chunkSectors())) {
            int chunk = next(cursor);
            chunk = chunk < 0 && cursor > 0 ? next(0) : chunk;
            if (chunk < 0) {
                break;
            }
            cursor = chunk + 1;
            start(chunk);
        }
        if (copies.isEmpty()) {
            mirror.cleaner().soon();
            lookWhetherDone();
        }
    }

    private void start(int chunk) {
        if (done == 0 && copies.isEmpty()) {
            startNanos = mirror.nanos();
        }
        busy.set(chunk);
        ChunkCopy copy = new ChunkCopy(chunk);
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
        for (Leg leg : mirror.roster().present()) {
            left = Math.max(left, leg.takesPart() ? mirror.planes().count(Planes.stale(leg.index)) : 0);
        }
        return left;
    }

    /** The next chunk that a leg lacks, and nobody is at. */
    private int next(int from) {
        int best = -1;
        for (Leg leg : mirror.roster().present()) {
            if (!leg.takesPart()) {
                continue;
            }
            int plane = Planes.stale(leg.index);
            int chunk = mirror.planes().next(plane, from);
            while (chunk >= 0 && busy.get(chunk)) {
                chunk = mirror.planes().next(plane, chunk + 1);
            }
            if (chunk >= 0 && (best < 0 || chunk < best)) {
                best = chunk;
            }
        }
        return best;
    }

    private void failed(int chunk, @Nullable DeviceException why) {
        String reason = why == null ? "no leg that takes part has it" : "" + why.getMessage();
        mirror.happened(Kind.CHUNK_FAILED, MirrorOptions.NOBODY, "chunk " + chunk + " could not be copied: " + reason);
        if (!retrying) {
            retrying = true;
            mirror.after(RETRY_SECONDS, TimeUnit.SECONDS, this::retry);
        }
        waitingToRetry.set(chunk);
    }

    private void retry() {
        retrying = false;
        busy.andNot(waitingToRetry);
        waitingToRetry.clear();
        look();
    }

    /** One chunk, piece by piece. */
    private final class ChunkCopy {
        private final int chunk;
        private final long end;
        private final List<Leg> targets = new ArrayList<>();
        private final int[] joins = new int[MirrorOptions.LEGS_MAX];
        private long at;
        private boolean spoiled;
        private @Nullable DeviceException problem;

        ChunkCopy(int chunk) {
            this.chunk = chunk;
            this.at = (long) chunk * mirror.chunkSectors();
            this.end = Math.min(at + mirror.chunkSectors(), mirror.sectorCount());
            for (Leg leg : mirror.roster().present()) {
                if (leg.takesPart() && mirror.planes().get(Planes.stale(leg.index), chunk)) {
                    targets.add(leg);
                    joins[leg.index] = leg.joins;
                }
            }
        }

        void next() {
            if (isOver()) {
                ended();
            } else {
                mirror.pace().turn(this, Sectors.toBytes(count()), this::copy);
            }
        }

        private void copy() {
            if (isOver()) { // its turn was long in coming, and the legs are gone
                ended();
                return;
            }
            int mask = targets.stream().mapToInt(Leg::bit).reduce(0, (a, b) -> a | b);
            new PieceCopy(mirror, new long[] {at, count()}, mask, this::copied).start();
        }

        private boolean isOver() {
            targets.removeIf(this::isGone);
            return at >= end || targets.isEmpty() || spoiled || stopped;
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

        private void ended() {
            copies.remove(this);
            boolean complete = at >= end && !spoiled && !targets.isEmpty();
            if (complete) {
                done++;
                targets.forEach(leg -> mirror.cleaner().copied(chunk, leg, joins[leg.index]));
            } else if (problem != null && !stopped) {
                failed(chunk, problem);
            } else {
                busy.clear(chunk);
            }
            look();
        }
    }
}
