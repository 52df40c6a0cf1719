package io.dmio.mirror;

import java.util.Objects;
import java.util.UUID;

/**
 * One leg, at one moment.
 *
 * @param index its slot
 * @param name its device, or where it was seen last
 * @param id written on it
 * @param state how it is
 * @param writeMostly whether reads avoid it
 * @param staleChunks chunks it lacks
 * @param lagSectors sectors acknowledged without it that are still on their way
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

    /** Checks that it is whole. */
    public LegStatus {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(errors, "errors");
    }
}
