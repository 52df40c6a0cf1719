package io.dmio.nbd.server;

/**
 * How long a client may take to say what it wants: a time, and a twentieth of it more for each option that it was answered, as who
 * asks about a thousand exports gets somewhere. Counted in looks, so it has no clock. While others wait for a place, who says nothing for
 * {@link #SILENT_LOOKS} of them loses his, and who dribbles so that he was answered nothing for {@link #SLOW_LOOKS} does, too. One thread.
 */
final class Patience {

    /** How often it is looked in the time for a handshake. */
    static final int LOOKS = 20;

    static final int SILENT_LOOKS = 2;
    static final int SLOW_LOOKS = 5; // a TLS handshake is answered nothing either, and takes some round trips

    private int left = LOOKS;
    private int silent;
    private int slow;

    /** Something came. */
    void heard() {
        silent = 0;
    }

    /** An option was answered. */
    void answered() {
        left++;
        slow = 0;
    }

    /**
     * Looks.
     *
     * @param waitedFor whether somebody else could have his place
     * @return whether it has an end
     */
    boolean isOver(boolean waitedFor) {
        left--;
        silent++;
        slow++;
        return left <= 0 || (waitedFor && (silent > SILENT_LOOKS || slow > SLOW_LOOKS));
    }
}
