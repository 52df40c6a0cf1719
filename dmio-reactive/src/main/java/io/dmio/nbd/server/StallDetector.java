package io.dmio.nbd.server;

/** Detects whether a client moves: sends the rest of what it began, or takes what it is sent. Seen from look to look; one thread. */
final class StallDetector {

    private static final long NEVER = Long.MIN_VALUE;

    private long received; // bytes
    private long seen; // when it was last seen to move
    private long seenNanos = NEVER;

    void received(int bytes) {
        received += bytes;
    }

    /**
     * Looks at the client.
     *
     * @param itsTurn whether it is the client's turn to move
     * @param unsent the bytes that it has not taken
     * @return whether it has been its turn ever since a look that long ago, and it has not moved
     */
    boolean isStalled(boolean itsTurn, long unsent, long nanosMax) {
        long now = received - unsent;
        if (itsTurn && now == seen && seenNanos != NEVER) {
            return System.nanoTime() - seenNanos >= nanosMax;
        }
        seen = now;
        seenNanos = itsTurn ? System.nanoTime() : NEVER;
        return false;
    }
}
