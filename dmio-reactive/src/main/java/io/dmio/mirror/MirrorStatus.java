package io.dmio.mirror;

import io.dmio.BlockDevice;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;

/**
 * The status of a mirror at one moment; immutable.
 *
 * @param id the mirror's UUID, written on every leg
 * @param generation counts what was recorded on the legs
 * @param sectorCount the mirror's size
 * @param chunkSectors the mirror's unit of tracking
 * @param legs the legs that have a slot, also if missing
 * @param chunks the number of all chunks
 * @param dirtyChunks chunks that were written lately
 * @param staleChunks chunks that some leg lacks
 * @param writable false if fewer legs than {@code legsMin} are in sync
 * @param owner who has the mirror open, or had it open last, as the legs say; of a running mirror this process, or who has
 *     taken it. Empty without marks ({@link OwnerOptions#off})
 * @param resync the resync that runs, if one does
 * @param scrub the scrub that runs, if one does
 * @param lastScrub what the last scrub that ended found
 * @param lastEvents the latest events, oldest first
 */
public record MirrorStatus(
        UUID id,
        long generation,
        long sectorCount,
        int chunkSectors,
        List<LegStatus> legs,
        long chunks,
        long dirtyChunks,
        long staleChunks,
        boolean writable,
        Optional<MirrorOwner> owner,
        Optional<WorkProgress> resync,
        Optional<WorkProgress> scrub,
        Optional<ScrubReport> lastScrub,
        List<MirrorEvent> lastEvents) {

    /** Copies the lists. */
    public MirrorStatus {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(owner, "owner");
        Objects.requireNonNull(resync, "resync");
        Objects.requireNonNull(scrub, "scrub");
        Objects.requireNonNull(lastScrub, "lastScrub");
        legs = List.copyOf(Objects.requireNonNull(legs, "legs"));
        lastEvents = List.copyOf(Objects.requireNonNull(lastEvents, "lastEvents"));
    }

    /**
     * Returns the status of the mirror of which these devices are legs, by what is written on them. Starts nothing, changes
     * nothing, closes nothing; the devices need only be readable. A leg that was out is {@link LegState#FAILED}, and dirty
     * chunks are those that were written when the mirror was last open, if it was not closed in good order.
     *
     * @param legs all that are there
     * @return a Mono of the status; errors as {@link MirrorDevice#open}, but not for a missing leg
     */
    public static Mono<MirrorStatus> inspect(List<? extends BlockDevice> legs) {
        Objects.requireNonNull(legs, "legs");
        return Mono.defer(() -> {
            List<BlockDevice> devices = LegDisk.counted(legs);
            return Assembly.inspect(devices)
                    .flatMap(status -> new OwnerMarks(System::nanoTime)
                            .read(devices)
                            .map(marks -> status.ownedBy(Sight.owner(marks))));
        });
    }

    /**
     * Checks whether {@link MirrorDevice#open} would start a mirror of these devices, by what is written on them and with the
     * default options, if nobody else has it. Changes nothing; the devices need only be readable.
     *
     * @param legs all that are there
     * @return a Mono that completes if it would; errors as {@code open} would
     */
    public static Mono<Void> requireStartable(List<? extends BlockDevice> legs) {
        Objects.requireNonNull(legs, "legs");
        return Mono.defer(() -> Assembly.open(LegDisk.counted(legs), new MirrorSettings()))
                .then();
    }

    private MirrorStatus ownedBy(Optional<MirrorOwner> other) {
        return new MirrorStatus(
                id,
                generation,
                sectorCount,
                chunkSectors,
                legs,
                chunks,
                dirtyChunks,
                staleChunks,
                writable,
                other,
                resync,
                scrub,
                lastScrub,
                lastEvents);
    }

    /**
     * Returns whether all legs are there and have everything.
     *
     * @return true if nothing is to be done
     */
    public boolean isInSync() {
        return legs.stream().allMatch(leg -> leg.state() == LegState.IN_SYNC);
    }

    /**
     * Returns dm-mirror's one-line form: legs, their names, chunks in sync of all, and a letter for each leg:
     * {@code 2 a.img b.img 80/81 1 AD 1 core}. The log is always with the legs: {@code core}, as nothing else can fail. A blank
     * in a name is an underscore here. The letters are those of {@link LegState#letter}, but {@code R} for a leg in sync that failed a read.
     *
     * @return one line
     */
    public String line() {
        String names = legs.stream().map(MirrorStatus::word).collect(Collectors.joining(" "));
        String letters = legs.stream().map(leg -> String.valueOf(letter(leg))).collect(Collectors.joining());
        return legs.size() + " " + names + " " + (chunks - staleChunks) + "/" + chunks + " 1 " + letters + " 1 core";
    }

    private static String word(LegStatus leg) {
        String word = leg.name().replaceAll("\\s", "_");
        return word.isEmpty() ? "-" : word;
    }

    private static char letter(LegStatus leg) {
        LegErrors errors = leg.errors();
        if (leg.state() != LegState.IN_SYNC) {
            return leg.state().letter();
        }
        return errors.reads() > 0 ? 'R' : leg.state().letter();
    }
}
