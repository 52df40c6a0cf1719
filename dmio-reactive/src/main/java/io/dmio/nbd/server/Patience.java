package io.dmio.nbd.server;

/**
 * The time that a client may take to say what it wants: a fixed time, and a twentieth of it more for each option that was answered, as a
 * client that asks about a thousand exports makes progress. Counted in looks, so there is no clock. While others wait for a place, a client
 * that says nothing for {@link #SILENT_LOOKS} looks loses its place, and so does one so slow that nothing was answered for
 * {@link #SLOW_LOOKS}. One thread.
 */
final class Patience {

    /** The number of looks in the time for a handshake. */
    static final int LOOKS = 20;

    static final int SILENT_LOOKS = 2;
    static final int SLOW_LOOKS = 5; // a TLS handshake gets no answer either, and takes some round trips

    private int left = LOOKS;
    private int silent;
    private int slow;

    /** Called when something came. */
    void heard() {
        silent = 0;
    }

    /** Called when an option was answered. */
    void answered() {
        left++;
        slow = 0;
    }

    /**
     * Looks at the client.
     *
     * @param waitedFor whether somebody else waits for the client's place
     * @return whether the time is over
     */
    boolean isOver(boolean waitedFor) {
        left--;
        silent++;
        slow++;
        return left <= 0 || (waitedFor && (silent > SILENT_LOOKS || slow > SLOW_LOOKS));
    }
}
