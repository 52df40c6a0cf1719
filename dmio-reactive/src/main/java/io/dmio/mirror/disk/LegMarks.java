package io.dmio.mirror.disk;

/**
 * How far a leg can be: the numbers of the batches of the bitmap that it may have seen last, from the one that is known to be
 * on it to the one that was on its way. Nothing between the two was ever sent to it. As no chunk that is clean is written
 * before a batch says so, a leg that comes back with such a mark lacks what was dirty or noted as stale, and nothing else.
 *
 * @param from the last that it answered
 * @param to the last that it was sent
 */
public record LegMarks(long from, long to) {

    /** No mark will do: the leg is to get everything. */
    public static final LegMarks NONE = new LegMarks(0, -1);

    /** The mark of a leg that has none, or whose mark cannot be read. */
    public static final long UNKNOWN = -1;

    /** A leg that was found with this mark, or one that cannot be read. */
    public static LegMarks at(long mark) {
        return mark == UNKNOWN ? NONE : new LegMarks(mark, mark);
    }

    public boolean include(long mark) {
        return mark >= from && mark <= to;
    }

    /** A batch is on its way. Where no mark did, that batch will: it says what the leg lacks. */
    public LegMarks sent(long batch) {
        return equals(NONE) ? at(batch) : new LegMarks(Math.min(from, batch), Math.max(to, batch));
    }
}
