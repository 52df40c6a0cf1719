package io.dmio.mirror;

/** How a leg of a mirror is. */
public enum LegState {
    /** Has everything. */
    IN_SYNC('A'),
    /** Gets every write, and is being brought what it lacks. */
    SYNCING('S'),
    /** Did not answer in time; the others go on without it, and it is tried again. */
    SET_ASIDE('T'),
    /** Failed; the others go on without it, and it is tried again. */
    FAILED('D'),
    /** What answers there is not this leg, or one that went on by itself: nothing is written to it. */
    REFUSED('X'),
    /** Was not there when the mirror started, and has not been added since. */
    MISSING('M');

    private final char letter;

    LegState(char letter) {
        this.letter = letter;
    }

    /**
     * The state in the one-line status, as dm-mirror's health characters.
     *
     * @return a capital letter
     */
    public char letter() {
        return letter;
    }
}
