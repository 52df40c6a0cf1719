package io.dmio.mirror;

import java.time.Instant;
import java.util.Objects;

/**
 * Something happened to a mirror that an operator would want to know. What may happen thousands of times in a row ({@link
 * Kind#READ_ERROR}, {@link Kind#HEALED}, {@link Kind#MISMATCH}) is told ten times a minute for each leg, and the next one counts the
 * others.
 *
 * @param number counts what happened since the mirror was started, from 1 on: where one is missing, events were missed
 * @param at when, by the mirror's clock
 * @param kind what
 * @param leg the index of the leg it concerns; -1 if none
 * @param message a sentence, with the leg's name
 */
public record MirrorEvent(long number, Instant at, Kind kind, int leg, String message) {

    /**
     * How bad it is.
     *
     * @return as its kind
     */
    public Severity severity() {
        return kind.severity();
    }

    /** How bad something is. */
    public enum Severity {
        /** As it should be. */
        INFO,
        /** Nobody who uses the mirror has lost anything, but somebody should look after it. */
        WARNING,
        /** Somebody who uses the mirror did not get what he asked for, or will not. */
        ERROR
    }

    /** Checks that it is whole. */
    public MirrorEvent {
        Objects.requireNonNull(at, "at");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(message, "message");
    }

    /** What happened. */
    public enum Kind {
        /** The mirror is up. */
        STARTED(Severity.INFO),
        /** A leg failed and was dropped. */
        LEG_FAILED(Severity.WARNING),
        /**
         * A leg failed that no other can stand in for, so it stays, and what was asked failed; told at most once a minute of each
         * leg.
         */
        LAST_LEG_FAILED(Severity.ERROR),
        /** A leg did not answer in time and was set aside. */
        LEG_SET_ASIDE(Severity.WARNING),
        /** A leg takes part again, or for the first time; it is resynced as needed. */
        LEG_JOINED(Severity.INFO),
        /** What answers where a leg was is not that leg any more, and is not written to. */
        LEG_REFUSED(Severity.WARNING),
        /** A leg has everything. */
        LEG_IN_SYNC(Severity.INFO),
        /** A leg was removed for good. */
        LEG_REMOVED(Severity.INFO),
        /** A leg failed a read; another one serves it, if one can. */
        READ_ERROR(Severity.WARNING),
        /** What a leg could not read was written again. */
        HEALED(Severity.INFO),
        /** A chunk could not be brought to a leg; it is tried again later. */
        CHUNK_FAILED(Severity.WARNING),
        /** A scrub found legs that differ. */
        MISMATCH(Severity.WARNING),
        /** A scrub is through. */
        SCRUBBED(Severity.INFO),
        /** Too few legs are in sync: writes are refused. */
        READ_ONLY(Severity.ERROR),
        /** Another has taken the mirror: everything fails from now on. */
        OWNER_LOST(Severity.ERROR),
        /** Enough legs are in sync again. */
        WRITABLE(Severity.INFO),
        /** The mirror failed inside, by lack of memory or a bug, and ended: it has to be opened again. */
        BROKEN(Severity.ERROR),
        /** A new size was recorded. */
        GROWN(Severity.INFO);

        private final Severity severity;

        Kind(Severity severity) {
            this.severity = severity;
        }

        /**
         * How bad it is.
         *
         * @return the worst that it can be
         */
        public Severity severity() {
            return severity;
        }
    }
}
