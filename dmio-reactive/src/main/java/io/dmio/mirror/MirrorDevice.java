package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Extent;
import java.util.List;
import java.util.Objects;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A device whose content is on 1 to 16 others, its legs; what dm-raid1 and md's raid1 are to the kernel. It goes on as long
 * as one leg has everything, knows which chunks each of the others lacks, also after a crash, and copies them when a leg is
 * back. A leg alone is a plain image, with the mirror's metadata at its end.
 *
 * <p><b>What it promises.</b> A write that was answered is on every leg that takes part, and a leg that missed it is on
 * record as out. A flush that was answered makes all of that durable. After a crash each sector of a write that was not
 * flushed is old or new, and stays what it is. Overlapping writes are done in the order they came. No sector is read from a
 * leg that lacks it. What cannot be started without the danger of losing an acknowledged write is refused, with what to do.
 *
 * <p><b>One owner.</b> A mirror that is open elsewhere, also on another machine, is refused with EBUSY; one that was not closed in
 * good order is waited for, ten seconds by default ({@link OwnerOptions}). Should another take it all the same, everything fails from
 * the moment on at which that is found, with EBUSY and who it is, and nothing more is written. A start that fails gives the legs back,
 * unless one of them owes an answer or the mirror failed inside: then the next start waits as after a crash.
 *
 * <p><b>Memory.</b> Reads and writes go through memory of the mirror's own, as long as they are in flight and on top of what
 * the caller's budget bounds. So the caller has its memory back in time even if a leg hangs, and legs cannot differ by what it
 * does to it meanwhile. {@link MirrorOptions.Builder#stableMemory} saves the copy for writes.
 *
 * <p><b>Thread.</b> The mirror has none: state changes are made by whichever thread brings news, one at a time, and signals
 * come on that thread. Do not block there.
 *
 * <p><b>Legs</b> belong to the mirror from create or open on, and are closed with it, except those it gave back by
 * {@link #remove} or {@link #split}.
 */
public final class MirrorDevice implements BlockDevice {

    private final Mirror mirror;
    private final DeviceInfo info;
    private final MirrorKeeper keeper;
    private final LegChanges changes;
    private final Intake intake;

    private MirrorDevice(Mirror mirror, DeviceInfo info) {
        this.mirror = mirror;
        this.info = info;
        this.keeper = new MirrorKeeper(mirror);
        this.changes = new LegChanges(mirror, info);
        this.intake = new Intake(mirror, info);
    }

    /**
     * Makes a mirror of devices, as large as the smallest of them has room for, and copies the first to the others in the
     * background. What was on the first stays, but for its end where the metadata goes. A leg that fails or hangs while the first
     * metadata are written is out, and is filled when it is back, if the mirror can do without it. After a crash before that it
     * carries nothing, as any blank disk: starts do without it, and it is added anew.
     *
     * @param legs 1 to 16, all different; theirs are the mirror's until it is closed
     * @param options how
     * @return the mirror, running; a cancel closes it once it runs. Errors with a {@link DeviceException} that names the leg: EEXIST if
     *     it carries a mirror already, ENOSPC if it is too small, EROFS, ETIMEDOUT if it hangs for longer than {@code legDeadline}, and
     *     at least 30 seconds, or what the device said; legs of a mirror that did not start stay open, and are the caller's
     */
    public static Mono<MirrorDevice> create(List<? extends BlockDevice> legs, MirrorOptions options) {
        return started(legs, options, (devices, claim) -> Assembly.create(devices, options.settings(), claim));
    }

    /**
     * Starts a mirror from legs that carry it, in any order.
     *
     * @param legs all that are there; a leg that is known to be out may be missing
     * @param options how
     * @return the mirror, running; errors with a {@link DeviceException} that names the leg and the reason: it carries no
     *     mirror, another one, or one of a newer format; it is truncated or damaged; a leg that may have gone on alone is
     *     missing (see {@link MirrorOptions.Builder#degraded}); legs went on without each other (see
     *     {@link MirrorOptions.Builder#trust}); it hangs for longer than {@code legDeadline}, and at least 30 seconds. Nothing is
     *     changed then, but that a leg which hangs may still do what it was asked for; legs stay open, and are the caller's
     */
    public static Mono<MirrorDevice> open(List<? extends BlockDevice> legs, MirrorOptions options) {
        return started(
                legs, options, (devices, claim) -> claim.owned(() -> Assembly.open(devices, options.settings())));
    }

    /**
     * Starts a mirror at a larger size: that of the smallest leg's room for data, or less. What is new has the content of
     * one leg. A mirror that has that size already, as after a crash of this, starts as by {@link #open}.
     *
     * @param legs all of them
     * @param sectors the new size, not less than before, in whole blocks of the legs; {@code Long.MAX_VALUE} for all that they have
     *     room for, also if that is no more
     * @param options how
     * @return the mirror, running; errors as {@link #open}, and with ENOSPC if a leg has no room for it
     */
    public static Mono<MirrorDevice> grow(List<? extends BlockDevice> legs, long sectors, MirrorOptions options) {
        return started(
                legs,
                options,
                (devices, claim) -> claim.owned(
                        () -> Assembly.open(devices, options.settings()).map(small -> small.grown(sectors))));
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return intake.take(op);
    }

    /**
     * As a leg that has everything knows it: what reads as zeroes there does on all of them. If none does, or it fails to tell within
     * {@code legDeadline}, everything may hold data.
     */
    @Override
    public Mono<List<Extent>> extents(long sector, long sectorCount) {
        return info.extentsRefusal(sector, sectorCount) // the legs are longer
                .<Mono<List<Extent>>>map(Mono::error)
                .orElseGet(() -> keeper().extents(sector, sectorCount)
                        .switchIfEmpty(BlockDevice.super.extents(sector, sectorCount)));
    }

    /**
     * Stops background work, waits for what is in flight, and for changes of legs, flushes the legs, records that the mirror is clean,
     * and closes the legs, all of them, also if one fails to close. What is asked from then on errors with ESHUTDOWN. Errors if what was answered
     * could not be flushed, or was lost by a flush that no user was told of; the mirror is closed then, too.
     */
    @Override
    public Mono<Void> close() {
        return keeper.close();
    }

    /**
     * How it is, at this moment; {@link MirrorStatus#inspect} tells it of legs that nobody has open.
     *
     * @return a snapshot; also after close. Errors with EIO once the mirror has failed inside
     */
    public Mono<MirrorStatus> status() {
        return keeper().status();
    }

    /**
     * Which chunks of a range are dirty, and which legs lack some; no chunk is told in part but at the range's ends.
     *
     * @param sector the first sector
     * @param sectorCount how many, at least 1; inside the mirror
     * @return runs that follow each other from {@code sector} on; of a long range perhaps only the first 4,096
     */
    public Mono<List<ChunkRun>> chunks(long sector, long sectorCount) {
        return keeper().chunks(sector, sectorCount);
    }

    /** {@return what has happened since the start, and what happens then: {@link #events(long)} after 0} */
    public Flux<MirrorEvent> events() {
        return events(0);
    }

    /**
     * What has happened after an event, of the last 1,000, and what happens then: without a gap, and nothing twice. It comes on the
     * thread that subscribes, requests or brings news, one at a time; do not block there. Nothing is queued: who is slow falls
     * behind in the 1,000 that are kept, and misses what is older, as the numbers show.
     *
     * @param after the number told last; 0 for none, and so is one that has not been reached, as it is of an earlier start
     * @return completes when the mirror is closed and all was told; a listener that throws hears nothing more, and harms no other
     */
    public Flux<MirrorEvent> events(long after) {
        return keeper().events(after);
    }

    /**
     * Adds a leg. One that was part of this mirror before comes back to its place and gets what it missed; another one gets
     * everything. Completes when the leg takes part, on record; the copying goes on.
     *
     * @param leg large enough, with blocks no larger than the mirror's, and transfers no shorter and of 4 KiB at least; the
     *     mirror's from now on, also if the add is cancelled, which does not stop it
     * @return its index; errors with a {@link DeviceException} if it is refused, and is the caller's still: with ETIMEDOUT if it
     *     hangs for longer than {@code legDeadline}, before it is known at least 30 seconds
     */
    public Mono<Integer> add(BlockDevice leg) {
        return changes().add(leg);
    }

    /**
     * Takes a leg, also a missing one, out for good. Until the others have that on record nothing that it lacks is acknowledged.
     *
     * @param leg its index; a cancel does not stop it
     * @return completes when that is recorded and nothing is in flight on the leg, or that has hung for {@code legDeadline}; a
     *     device there is the caller's again. Errors with EBUSY if no other leg has everything, or why it stays: they record nothing
     */
    public Mono<Void> remove(int leg) {
        return changes().remove(leg);
    }

    /**
     * Adds a leg, and removes another one once the new one has everything: so there is never one copy less, and of
     * {@link MirrorOptions#LEGS_MAX} legs one has to go first. A cancel while it waits for that leaves both.
     *
     * @param old the index of the one to go
     * @param fresh the one to come; if it is the old one, which was away, it is back, and stays
     * @return the new one's index, when it is in sync and the old one is gone, whoever takes that out
     */
    public Mono<Integer> replace(int old, BlockDevice fresh) {
        return changes().replace(old, fresh);
    }

    /**
     * Takes a leg out that has everything, flushed, at one moment between writes: an independent, consistent image.
     *
     * @param leg its index; a cancel does not stop it
     * @return its device, which is the caller's again; errors with EBUSY if it is not in sync, or no other leg is
     */
    public Mono<BlockDevice> split(int leg) {
        return changes().split(leg);
    }

    /**
     * Tries legs that are out now instead of later, and waits until all legs that have a device have everything.
     *
     * @return completes when they have; waits as long as one is down. Errors with EINVAL once the others have, where what answers is
     *     not the leg: it says why
     */
    public Mono<Void> resync() {
        return keeper().resync();
    }

    /**
     * Compares the legs, and makes them equal if so wished. One scrub runs at a time.
     *
     * @param mode what to do where they differ
     * @return what was found; a cancel stops it at the next piece. Errors with EBUSY if one runs already
     */
    public Mono<ScrubReport> scrub(ScrubMode mode) {
        return keeper().scrub(mode);
    }

    /** Holds resync and scrub before their next piece. */
    public void pause() {
        keeper().pause();
    }

    /** Lets resync and scrub go on. */
    public void resume() {
        keeper().resume();
    }

    /**
     * Limits resync and scrub from now on.
     *
     * @param bytesPerSecondMax at least 1; {@code Long.MAX_VALUE} for no limit
     */
    public void limit(long bytesPerSecondMax) {
        keeper().limit(bytesPerSecondMax);
    }

    @Override
    public String toString() {
        return "MirrorDevice[" + info.name() + ", " + info.sectorCount() + " sectors]";
    }

    /** What is inside, for simulations. */
    Mirror mirror() {
        return mirror;
    }

    private static Mono<MirrorDevice> started(
            List<? extends BlockDevice> legs, MirrorOptions options, MirrorStart.Putting assembly) {
        Objects.requireNonNull(legs, "legs");
        return MirrorStart.of(
                legs, options.settings(), assembly, mirror -> new MirrorDevice(mirror, MirrorKeeper.info(mirror)));
    }

    Mono<Void> start() {
        return keeper.startInTime().onErrorResume(refusal -> keeper.abandon().then(Mono.error(refusal)));
    }

    private MirrorKeeper keeper() {
        intake.use();
        return keeper;
    }

    private LegChanges changes() {
        intake.use();
        return changes;
    }

    boolean isUsed() {
        return intake.isUsed();
    }
}
