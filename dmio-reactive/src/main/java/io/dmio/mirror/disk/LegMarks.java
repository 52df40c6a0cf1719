package io.dmio.mirror.disk;

/**
 * How far a leg can be: the numbers of the batches of the bitmap that it may have seen last, from the one that is known to be on it to the one
 * that was on its way. Nothing between the two was ever sent to it. As no clean chunk is written before a batch says so, a leg that comes back
 * with such a mark lacks what was dirty or noted as stale, and nothing else.
 *
 * @param from the last batch that it answered
 * @param to the last batch that it was sent
 */
public record LegMarks(long from, long to) {

    /** No mark will do: the leg is to get everything. */
    public static final LegMarks NONE = new LegMarks(0, -1);

    /** The mark of a leg that has none, or whose mark cannot be read. */
    public static final long UNKNOWN = -1;

    /** Returns the marks of a leg that was found with this mark, or with one that cannot be read. */
    public static LegMarks at(long mark) {
        return mark == UNKNOWN ? NONE : new LegMarks(mark, mark);
    }

    public boolean include(long mark) {
        return mark >= from && mark <= to;
    }

    /** Returns the marks once a batch is on its way. Where no mark would do, this batch does: it says what the leg lacks. */
    public LegMarks sent(long batch) {
        return equals(NONE) ? at(batch) : new LegMarks(Math.min(from, batch), Math.max(to, batch));
    }
}
