package io.dmio.nbd.server;

/** Whether a client moves: sends what it began, or takes what it is sent. Seen from look to look; one thread. */
final class StallDetector {

    private static final long NEVER = Long.MIN_VALUE;

    private long received; // bytes
    private long seen; // when it was last seen to move
    private long seenNanos = NEVER;

    void received(int bytes) {
        received += bytes;
    }

    /**
     * Looks.
     *
     * @param itsTurn whether the client is to move
     * @param unsent bytes that it has not taken
     * @return whether it was its turn all the time since a look that long ago, and it has not moved
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
