package io.dmio.mirror;

import java.time.Instant;
import java.util.Objects;

/**
 * An event of a mirror that an operator would want to know of. Events that may come thousands of times in a row
 * ({@link Kind#READ_ERROR}, {@link Kind#HEALED}, {@link Kind#MISMATCH}) are reported ten times a minute for each leg, and the
 * next one counts the others.
 *
 * @param number the event's number, counted from 1 on since the mirror was started: where one is missing, events were missed
 * @param at when, by the mirror's clock
 * @param kind what happened
 * @param leg the index of the leg it concerns; -1 if none
 * @param message a sentence, with the leg's name
 */
public record MirrorEvent(long number, Instant at, Kind kind, int leg, String message) {

    /**
     * Returns how severe the event is.
     *
     * @return the severity of its kind
     */
    public Severity severity() {
        return kind.severity();
    }

    /** How severe an event is. */
    public enum Severity {
        /** As it should be. */
        INFO,
        /** No user of the mirror has lost anything, but somebody should look after it. */
        WARNING,
        /** A user of the mirror did not get what was asked for, or will not. */
        ERROR
    }

    /** Checks for nulls. */
    public MirrorEvent {
        Objects.requireNonNull(at, "at");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(message, "message");
    }

    /** What happened. */
    public enum Kind {
        /** The mirror is up; legs that its start dropped or brought in are reported before. */
        STARTED(Severity.INFO),
        /** A leg failed and was dropped. */
        LEG_FAILED(Severity.WARNING),
        /**
         * A leg failed for which no other can stand in, so it stays, and the operation failed; reported at most once a minute
         * for each leg.
         */
        LAST_LEG_FAILED(Severity.ERROR),
        /** A leg did not answer in time and was set aside. */
        LEG_SET_ASIDE(Severity.WARNING),
        /** A leg takes part again, or for the first time; it is resynced as needed. */
        LEG_JOINED(Severity.INFO),
        /** The device that answers where a leg was is no longer that leg, and is not written to. */
        LEG_REFUSED(Severity.WARNING),
        /** A leg has everything. */
        LEG_IN_SYNC(Severity.INFO),
        /** A leg was removed for good. */
        LEG_REMOVED(Severity.INFO),
        /** A leg failed a read; another leg serves it, if one can. */
        READ_ERROR(Severity.WARNING),
        /** Data that a leg could not read was written to it again. */
        HEALED(Severity.INFO),
        /** A chunk could not be copied to a leg; it is tried again later. */
        CHUNK_FAILED(Severity.WARNING),
        /** A scrub found legs that differ. */
        MISMATCH(Severity.WARNING),
        /** A scrub has ended. */
        SCRUBBED(Severity.INFO),
        /** Too few legs are in sync: writes are refused. */
        READ_ONLY(Severity.ERROR),
        /** Another owner has taken the mirror: everything fails from now on. */
        OWNER_LOST(Severity.ERROR),
        /** Enough legs are in sync again. */
        WRITABLE(Severity.INFO),
        /** The mirror failed inside, for lack of memory or by a bug, and ended: it has to be opened again. */
        BROKEN(Severity.ERROR),
        /** A new size was recorded. */
        GROWN(Severity.INFO);

        private final Severity severity;

        Kind(Severity severity) {
            this.severity = severity;
        }

        /**
         * Returns how severe events of this kind are.
         *
         * @return the worst severity that they can have
         */
        public Severity severity() {
            return severity;
        }
    }
}
