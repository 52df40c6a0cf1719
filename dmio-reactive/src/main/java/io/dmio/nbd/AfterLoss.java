package io.dmio.nbd;

import java.time.Duration;
import java.util.Objects;

/**
 * The rule for when a client goes on after it lost, or gave up, a connection that owed it answers to changes (writes, discards,
 * zeroes). Such a change may still be done, and would then undo what was written later. So nothing more is sent over other
 * connections until the old one is known to do nothing any more: because the late answers came after all, because a
 * {@link NbdServer} says so when the client comes back to it, or by this rule. Immutable.
 *
 * @param believesClose whether a connection that the server closed, by itself, does nothing any more. Servers that end what
 *     they were asked before they close can be believed, and so can one that died
 * @param grace the time after which the connection is taken to do nothing any more, whatever the server said; may be zero
 */
public record AfterLoss(boolean believesClose, Duration grace) {

    /**
     * Checks the time.
     *
     * @throws IllegalArgumentException if the time is negative, or more than 36,500 days
     */
    public AfterLoss {
        TimeLimits.notNegative("grace", grace);
    }

    /**
     * Returns the rule to go on once the server closed the old connection by itself, or after some time.
     *
     * @param atMost how long a server, and what is behind it, can hold back a change at most
     * @return the rule
     */
    public static AfterLoss whenClosed(Duration atMost) {
        return new AfterLoss(true, Objects.requireNonNull(atMost, "atMost"));
    }

    /**
     * Returns the rule to go on only after some time: for servers that close connections while they still work on what was
     * asked there.
     *
     * @param time how long a server, and what is behind it, can hold back a change at most
     * @return the rule
     */
    public static AfterLoss after(Duration time) {
        return new AfterLoss(false, Objects.requireNonNull(time, "time"));
    }

    /**
     * Returns the rule to go on at once: for servers that are known never to do anything for a connection that is gone, or for
     * clients that write nothing twice.
     *
     * @return the rule
     */
    public static AfterLoss atOnce() {
        return new AfterLoss(true, Duration.ZERO);
    }
}
