package io.dmio.mirror;

/** The state of a leg of a mirror. */
public enum LegState {
    /** Has everything. */
    IN_SYNC('A'),
    /** Gets every write, and is being brought what it lacks. */
    SYNCING('S'),
    /** Did not answer in time. The others go on without it, and it is tried again. */
    SET_ASIDE('T'),
    /** Failed. The others go on without it, and it is tried again. */
    FAILED('D'),
    /** Refused: the device that answers is not this leg, or is one that went on by itself. Nothing is written to it. */
    REFUSED('X'),
    /** Missing when the mirror started, and not added since. */
    MISSING('M');

    private final char letter;

    LegState(char letter) {
        this.letter = letter;
    }

    /**
     * Returns the letter of the state in the one-line status, as dm-mirror's health characters.
     *
     * @return a capital letter
     */
    public char letter() {
        return letter;
    }
}
