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
 * A device whose content is on 1 to 16 other devices, its legs; what dm-raid1 and md's raid1 are to the kernel. The mirror goes on as long as
 * one leg has everything. It knows which chunks each of the other legs lacks, also after a crash, and copies them when a leg is back. A
 * single leg is a plain image, with the mirror's metadata at its end.
 *
 * <p><b>What it promises.</b> A write that was answered is on every leg that takes part, and a leg that missed it is on record as out. A
 * flush that was answered makes all of that durable. After a crash each sector of a write that was not flushed is old or new, and stays what
 * it is. Overlapping writes are done in the order they came. No sector is read from a leg that lacks it. A start that would risk losing an
 * acknowledged write is refused, with what to do.
 *
 * <p><b>One owner.</b> A mirror that is open elsewhere, also on another machine, is refused with EBUSY. If a mirror was not closed in good
 * order, a start waits, ten seconds by default ({@link OwnerOptions}). If another owner takes the mirror all the same, everything fails from
 * the moment at which that is found, with EBUSY and who it is, and nothing more is written. A start that fails gives the legs back, unless a
 * leg owes an answer, the mirror failed inside, or an owner whose mark was overwritten may still act: then the next start waits as after a
 * crash.
 *
 * <p><b>Memory.</b> Reads and writes go through memory of the mirror's own, as long as they are in flight and on top of what the caller's
 * budget bounds. So the caller has its memory back in time even if a leg hangs, and what the caller does to the memory meanwhile cannot make
 * legs differ. {@link MirrorOptions.Builder#stableMemory} saves the copy for writes.
 *
 * <p><b>Thread.</b> The mirror has no thread of its own: state changes are made by whichever thread brings news, one at a time, and signals
 * come on that thread. Do not block there.
 *
 * <p><b>Legs</b> belong to the mirror from create or open on, and are closed with it, except those it gave back by {@link #remove} or
 * {@link #split}.
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
     * Creates a mirror of devices, as large as the smallest of them has room for, and copies the first to the others in the background. The
     * content of the first stays, except for its end, where the metadata goes. A leg that fails or hangs while the first metadata are written
     * is out, and is filled when it is back, if the mirror can do without it. After a crash before that, such a leg carries nothing, as any
     * blank disk: starts do without it, and it has to be added again.
     *
     * @param legs 1 to 16, all different; they are the mirror's until it is closed
     * @param options the mirror's options
     * @return a Mono of the running mirror. A cancel closes the legs, once the mirror runs if it has them ({@link OwnerOptions#withStop}).
     *     Errors with a {@link DeviceException} that names the leg: EEXIST
     *     if it carries a mirror already, ENOSPC if it is too small, EROFS, ETIMEDOUT if it hangs for longer than {@code legDeadline}, and at
     *     least 30 seconds, or what the device reported; legs of a mirror that did not start stay open, and are the caller's
     */
    public static Mono<MirrorDevice> create(List<? extends BlockDevice> legs, MirrorOptions options) {
        return started(legs, options, (devices, claim) -> Assembly.create(devices, options.settings(), claim));
    }

    /**
     * Starts a mirror from legs that carry it, in any order.
     *
     * @param legs all that are there; a leg that is known to be out may be missing
     * @param options the mirror's options
     * @return a Mono of the running mirror; a cancel is as that of {@link #create}. Errors with a {@link DeviceException} that names the leg and
     *     the reason: it carries no mirror,
     *     another one, or one of a newer format; it is truncated or damaged; a leg that may have gone on alone is missing (see
     *     {@link MirrorOptions.Builder#degraded}); legs went on without each other (see {@link MirrorOptions.Builder#trust}); it hangs for
     *     longer than {@code legDeadline}, and at least 30 seconds. Then nothing is changed, except that a leg which hangs may still do what
     *     it was asked for, and that legs which were out may have come in ({@link MirrorOptions.Builder#legsMin}); legs stay open, and
     *     are the caller's
     */
    public static Mono<MirrorDevice> open(List<? extends BlockDevice> legs, MirrorOptions options) {
        return started(
                legs, options, (devices, claim) -> claim.owned(() -> Assembly.open(devices, options.settings())));
    }

    /**
     * Starts a mirror at a larger size: that of the smallest leg's room for data, or less. The new part has the content of one leg. A mirror
     * that has that size already, as after a crash of this, starts as by {@link #open}.
     *
     * @param legs all of them
     * @param sectors the new size, not less than before, in whole blocks of the legs; {@code Long.MAX_VALUE} for all that they have room for,
     *     also if that is no more
     * @param options the mirror's options
     * @return a Mono of the running mirror; errors as {@link #open}, though the new size may be on record then, as after a crash of this, and
     *     with ENOSPC if a leg has no room for the size
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
     * Reports the extents of a leg that has everything: what reads as zeroes there does so on all legs. If no leg has everything, or that leg
     * fails to report within {@code legDeadline}, everything may hold data.
     */
    @Override
    public Mono<List<Extent>> extents(long sector, long sectorCount) {
        return info.extentsRefusal(sector, sectorCount) // the legs are longer
                .<Mono<List<Extent>>>map(Mono::error)
                .orElseGet(() -> keeper().extents(sector, sectorCount)
                        .switchIfEmpty(BlockDevice.super.extents(sector, sectorCount)));
    }

    /**
     * Closes the mirror: stops background work, waits for what is in flight and for changes of legs, flushes the legs, records that the
     * mirror is clean, and closes all legs, even if one fails to close. Later operations error with ESHUTDOWN. Errors if what was answered
     * could not be flushed, or was lost by a flush that no user was told of; the mirror is closed then, too.
     */
    @Override
    public Mono<Void> close() {
        return keeper.close();
    }

    /**
     * Returns the mirror's status at this moment; {@link MirrorStatus#inspect} gives it for legs that nobody has open.
     *
     * @return a Mono of a snapshot; also after close. Errors with EIO once the mirror has failed inside
     */
    public Mono<MirrorStatus> status() {
        return keeper().status();
    }

    /**
     * Reports which chunks of a range are dirty, and which legs lack some. Only at the range's ends is a chunk reported in part.
     *
     * @param sector the first sector
     * @param sectorCount how many, at least 1; inside the mirror
     * @return a Mono of runs that follow each other from {@code sector} on; of a long range perhaps only the first 4,096
     */
    public Mono<List<ChunkRun>> chunks(long sector, long sectorCount) {
        return keeper().chunks(sector, sectorCount);
    }

    /** {@return what has happened since the start, and what happens then: {@link #events(long)} after 0} */
    public Flux<MirrorEvent> events() {
        return events(0);
    }

    /**
     * Returns the events after a given one: those of the last 1,000 that have happened, then those that come, without a gap and none twice.
     * They come on the thread that subscribes, requests or brings news, one at a time; do not block there. Nothing is queued: a slow
     * subscriber falls behind in the 1,000 events that are kept, and misses older ones, as the numbers show.
     *
     * @param after the number of the last event received; 0 for none. A number that has not been reached, as one of an earlier start, counts
     *     as 0
     * @return a Flux that completes when the mirror is closed and all was emitted; a listener that throws hears nothing more, and harms no
     *     other
     */
    public Flux<MirrorEvent> events(long after) {
        return keeper().events(after);
    }

    /**
     * Adds a leg. A leg that was part of this mirror before comes back to its place and gets what it missed; any other one gets everything.
     * Completes when it is on record that the leg takes part; the copying goes on.
     *
     * @param leg large enough, with blocks no larger than the mirror's, and transfers no shorter than the mirror's and of 4 KiB at least; the
     *     mirror's from now on, also if the add is cancelled, which does not stop it
     * @return a Mono of the leg's index; errors with a {@link DeviceException} if the leg is refused, which then stays the caller's: with
     *     ETIMEDOUT if it hangs for longer than {@code legDeadline}, before it is known at least 30 seconds
     */
    public Mono<Integer> add(BlockDevice leg) {
        return changes().add(leg);
    }

    /**
     * Removes a leg, also a missing one, for good. Until the others have that on record, nothing that the leg lacks is acknowledged.
     *
     * @param leg the leg's index; a cancel does not stop it
     * @return a Mono that completes when the removal is recorded and nothing is in flight on the leg, or that has hung for
     *     {@code legDeadline}; a device there is the caller's again. Errors if the leg stays: with ENODEV if there is none, EBUSY if no
     *     other leg has everything or the leg is being removed already, ETIMEDOUT or the device's error if the others cannot record it
     */
    public Mono<Void> remove(int leg) {
        return changes().remove(leg);
    }

    /**
     * Adds a leg, and removes another one once the new one has everything. So there is never one copy less, and of
     * {@link MirrorOptions#LEGS_MAX} legs one has to go first. A cancel during the wait for that leaves both legs.
     *
     * @param old the index of the leg to remove
     * @param fresh the leg to add; if it is the old leg, which was away, it is back, and stays
     * @return a Mono of the new leg's index, when it is in sync and the old one is gone, whoever removes that
     */
    public Mono<Integer> replace(int old, BlockDevice fresh) {
        return changes().replace(old, fresh);
    }

    /**
     * Takes out a leg that has everything, flushed, at one moment between writes: an independent, consistent image.
     *
     * @param leg the leg's index; a cancel does not stop it
     * @return a Mono of its device, which is the caller's again; errors with EBUSY if the leg is not in sync, or no other leg is
     */
    public Mono<BlockDevice> split(int leg) {
        return changes().split(leg);
    }

    /**
     * Tries legs that are out now instead of later, and waits until all legs that have a device have everything.
     *
     * @return a Mono that completes when they have; it waits as long as a leg is down. Errors with EINVAL, once the others have everything,
     *     if the device that answers is not the leg; the error says why
     */
    public Mono<Void> resync() {
        return keeper().resync();
    }

    /**
     * Compares the legs, and makes them equal if {@code mode} says so. One scrub runs at a time.
     *
     * @param mode what to do where the legs differ
     * @return a Mono of what was found; a cancel stops the scrub at the next piece. Errors with EBUSY if one runs already
     */
    public Mono<ScrubReport> scrub(ScrubMode mode) {
        return keeper().scrub(mode);
    }

    /** Pauses resync and scrub before their next piece. */
    public void pause() {
        keeper().pause();
    }

    /** Resumes resync and scrub. */
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
