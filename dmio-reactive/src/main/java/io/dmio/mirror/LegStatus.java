package io.dmio.mirror;

import java.util.Objects;
import java.util.UUID;

/**
 * The status of one leg, at one moment.
 *
 * @param index the leg's slot
 * @param name the leg's device, or where it was seen last
 * @param id the id that is written on the leg
 * @param state the leg's state
 * @param writeMostly whether reads avoid the leg
 * @param staleChunks chunks that the leg lacks
 * @param lagSectors sectors acknowledged without the leg that are still on their way
 * @param errors what went wrong
 */
public record LegStatus(
        int index,
        String name,
        UUID id,
        LegState state,
        boolean writeMostly,
        long staleChunks,
        long lagSectors,
        LegErrors errors) {

    /** Checks for nulls. */
    public LegStatus {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(errors, "errors");
    }
}
