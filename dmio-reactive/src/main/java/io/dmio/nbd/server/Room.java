package io.dmio.nbd.server;

/** Says how much of a client's requests may come. One thread. */
interface Room {

    /** Whether there is room for all of a request; if so it is taken. */
    boolean take(long bytes);

    /**
     * Takes room for the next piece of a write.
     *
     * @param offset of its first byte
     * @param left bytes that are to come
     * @param hasCome whether some have; who has nothing to put there does not stand in line for it
     * @param isModest whether it makes do with little, as others wait
     * @return its length, whole blocks but for the last; 0 if there is no room now
     */
    int takePiece(long offset, long left, boolean hasCome, boolean isModest);

    /** How many of so many bytes reach up to the end of their last whole block; 0 if they reach no block's end. */
    int wholeBlocks(long offset, int bytes);

    /** What was taken will not be used. */
    void give(long bytes);
}
