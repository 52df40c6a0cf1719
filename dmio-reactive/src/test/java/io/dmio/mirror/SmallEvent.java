package io.dmio.mirror;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One event of a history at small scope.
 *
 * @param kind what happens
 * @param leg to which leg; of a start, a mask of those that are there; of a write, the chunk
 * @param cut the power goes before this write or flush of a disk, counted from 1 within the event; 0 if it does not
 * @param ahead an octal digit for each disk: what it had done of what it does next, though it was asked later ({@link SmallCut.Ahead})
 * @param keeps a mask of the disks that keep what was in their caches then
 * @param failure of a disk in the middle of it; null if there is none
 */
record SmallEvent(
        Kind kind,
        int leg,
        int cut,
        int ahead,
        int keeps,
        @Nullable Failure failure) {

    /**
     * A disk fails.
     *
     * @param disk which
     * @param change it fails this write or flush of it, counted from 1 within the event, and all that come after
     * @param isDone whether it has done that one all the same
     */
    record Failure(int disk, int change, boolean isDone) {
        @Override
        public String toString() {
            return "disk " + disk + " fails from change " + change + " on" + (isDone ? ", which is done" : "");
        }
    }

    /** What can happen. */
    enum Kind {
        WRITE,
        FORCE,
        FLUSH,
        FAIL,
        HEAL,
        BLANK,
        OLDER,
        PASS,
        CUT, // its ways are those of all cuts
        START,
        DEGRADED, // a start of these though others may have gone on
        TRUST,
        REMOVE,
        ADD
    }

    /** All of it happens, to this leg or chunk. */
    static SmallEvent of(Kind kind, int leg) {
        return new SmallEvent(kind, leg, 0, 0, 0, null);
    }

    /** Everything that could happen, without power cuts in the middle. */
    static List<SmallEvent> all(int legs, int chunks) {
        List<SmallEvent> all = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            int arguments = switch (kind) {
                case WRITE, FORCE -> chunks;
                case FLUSH, PASS, CUT -> 1;
                case START, DEGRADED -> 1 << legs;
                default -> legs;
            };
            for (int i = kind == Kind.START || kind == Kind.DEGRADED ? 1 : 0; i < arguments; i++) {
                all.add(of(kind, i));
            }
        }
        return all;
    }

    /** The same, in which the power goes. */
    SmallEvent with(SmallCut power) {
        return new SmallEvent(kind, leg, power.before(), power.ahead(), power.keeps(), failure);
    }

    /** The same, in which a disk fails. */
    SmallEvent with(Failure what) {
        return new SmallEvent(kind, leg, cut, ahead, keeps, what);
    }

    @Override
    public String toString() {
        return kind + " " + leg + (cut == 0 ? "" : " cut " + cut)
                + (ahead == 0 ? "" : " ahead " + Integer.toOctalString(ahead)) + (keeps == 0 ? "" : " kept " + keeps)
                + (failure == null ? "" : ", in which " + failure);
    }
}
