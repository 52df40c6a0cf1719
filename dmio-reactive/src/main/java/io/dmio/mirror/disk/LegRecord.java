package io.dmio.mirror.disk;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * What the superblock of every leg says about one leg.
 *
 * @param id the leg's id; all zeroes if the slot is free
 * @param state whether it takes part
 * @param writeMostly whether reads avoid it
 * @param left how far it was when it left, while it is out
 * @param name where it was seen last, for messages; cut to {@link #NAME_BYTES}
 */
public record LegRecord(UUID id, State state, boolean writeMostly, LegMarks left, String name) {

    /** Bytes of UTF-8 that are kept of a name; its end says more than its beginning. */
    static final int NAME_BYTES = 40;

    public static final LegRecord FREE = new LegRecord(new UUID(0, 0), State.FREE, false, LegMarks.NONE, "");

    /** A leg's part in the mirror, as recorded. */
    public enum State {
        /** No leg. */
        FREE(0),
        /** Gets every write; what it lacks is in its stale plane. */
        IN(1),
        /** Gets nothing; lacks its stale plane and everything dirty. */
        OUT(2);

        private final int code;

        State(int code) {
            this.code = code;
        }

        /** The number on disk. */
        int code() {
            return code;
        }

        /** Returns the state by its number on disk; a leg of an unknown state takes no part. */
        static State of(int code) {
            return code == FREE.code ? FREE : code == IN.code ? IN : OUT;
        }
    }

    public LegRecord {
        name = cut(name);
    }

    public boolean isIn() {
        return state == State.IN;
    }

    public boolean isFree() {
        return state == State.FREE;
    }

    public LegRecord with(State other) {
        return new LegRecord(id, other, writeMostly, LegMarks.NONE, name);
    }

    /** Returns this record of a leg that is out, and was as far as these marks say. */
    public LegRecord out(LegMarks marks) {
        return new LegRecord(id, State.OUT, writeMostly, marks, name);
    }

    public LegRecord named(String other) {
        return new LegRecord(id, state, writeMostly, left, other);
    }

    LegRecord withWriteMostly(boolean avoided) {
        return new LegRecord(id, state, avoided, left, name);
    }

    private static String cut(String name) {
        String rest = name;
        while (rest.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES) {
            rest = rest.substring(rest.offsetByCodePoints(0, 1));
        }
        return rest;
    }
}
