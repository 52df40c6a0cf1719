package io.dmio.mirror;

import java.time.Instant;

/**
 * Something happened to a mirror that an operator would want to know.
 *
 * @param at when, by the mirror's clock
 * @param kind what
 * @param leg the index of the leg it concerns; -1 if none
 * @param message a sentence, with the leg's name
 */
public record MirrorEvent(Instant at, Kind kind, int leg, String message) {

    /** What happened. */
    public enum Kind {
        /** The mirror is up. */
        STARTED,
        /** A leg failed and was dropped. */
        LEG_FAILED,
        /** A leg did not answer in time and was set aside. */
        LEG_SET_ASIDE,
        /** A leg takes part again, or for the first time; it is resynced as needed. */
        LEG_JOINED,
        /** What answers where a leg was is not that leg any more, and is not written to. */
        LEG_REFUSED,
        /** A leg has everything. */
        LEG_IN_SYNC,
        /** A leg was removed for good. */
        LEG_REMOVED,
        /** A leg failed a read, and another one served it. */
        READ_ERROR,
        /** What a leg could not read was written again. */
        HEALED,
        /** A chunk could not be brought to a leg; it is tried again later. */
        CHUNK_FAILED,
        /** A scrub found legs that differ. */
        MISMATCH,
        /** A scrub is through. */
        SCRUBBED,
        /** Too few legs are in sync: writes are refused. */
        READ_ONLY,
        /** Another has taken the mirror: everything fails from now on. */
        OWNER_LOST,
        /** Enough legs are in sync again. */
        WRITABLE,
        /** The mirror failed inside, by lack of memory or a bug, and ended: it has to be opened again. */
        BROKEN,
        /** A new size was recorded. */
        GROWN
    }
}
