package io.dmio.device;

import io.dmio.Errno;
import java.time.Duration;
import java.util.Optional;

/**
 * What a plan decides about one operation: first it may be held until released, then it waits for {@code delay}, then
 * {@code act} happens. A value without Reactor in it, so plans are tested as functions.
 *
 * @param held waits for {@link FaultyDevice#release}
 * @param delay waits that long after; zero for not at all
 * @param act what reaches the device and what is answered
 */
record Verdict(boolean held, Duration delay, Act act) {

    static final Verdict PASS = of(Act.PASS);

    static Verdict of(Act act) {
        return new Verdict(false, Duration.ZERO, act);
    }

    /** Both: held if either is, delays added, and the first act that is not a pass. */
    Verdict and(Verdict other) {
        return new Verdict(held || other.held, delay.plus(other.delay), act.equals(Act.PASS) ? other.act : act);
    }

    boolean passesAtOnce() {
        return act.equals(Act.PASS) && !held && delay.isZero();
    }

    /** What happens to the operation itself. */
    sealed interface Act {

        /** It goes to the device as it is. */
        Act PASS = new Pass();

        /** It vanishes and is acknowledged. */
        Act DROP = new Drop();

        /** See {@link #PASS}. */
        record Pass() implements Act {}

        /** See {@link #DROP}. */
        record Drop() implements Act {}

        /** It never reaches the device. */
        record Fail(Errno errno) implements Act {}

        /**
         * Only its first sectors reach the device.
         *
         * @param sectorsKept how many; more than the operation has means all
         * @param answer the errno afterwards, or empty for an acknowledgement
         */
        record Tear(long sectorsKept, Optional<Errno> answer) implements Act {}

        /**
         * One byte of the data changes on its way: {@code (byte & keepMask) ^ flipMask}. An operation that is too short to
         * have that byte passes.
         */
        record Corrupt(int byteIndex, int keepMask, int flipMask) implements Act {
            byte apply(byte before) {
                return (byte) ((before & keepMask) ^ flipMask);
            }
        }

        /** It goes to another place on the device, or passes if that would not be on it. */
        record Misdirect(long bySectors) implements Act {}
    }
}
