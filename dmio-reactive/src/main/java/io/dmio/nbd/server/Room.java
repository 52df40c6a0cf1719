package io.dmio.nbd.server;

/** Decides how much of a client's requests may come. One thread. */
interface Room {

    /** Takes room for all of a request, if there is so much; returns whether it did. */
    boolean take(long bytes);

    /**
     * Takes room for the next piece of a write.
     *
     * @param offset the offset of its first byte
     * @param left the bytes that are to come
     * @param hasCome whether some have come; a client with nothing to put there does not stand in line for room
     * @param isModest whether the write makes do with little, as others wait
     * @return the length of the piece, whole blocks except for the last; 0 if there is no room now
     */
    int takePiece(long offset, long left, boolean hasCome, boolean isModest);

    /** Returns how many of the bytes reach up to the end of their last whole block; 0 if they reach no block's end. */
    int wholeBlocks(long offset, int bytes);

    /** Gives back room that was taken and will not be used. */
    void give(long bytes);
}
