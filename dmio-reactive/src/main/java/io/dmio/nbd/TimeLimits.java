package io.dmio.nbd;

import java.time.Duration;
import java.util.Objects;

/** Which durations an option may have: those that every timer can be set to. */
final class TimeLimits {

    private static final Duration MAX = Duration.ofDays(36_500); // far within a long of nanoseconds

    private TimeLimits() {}

    /** More than nothing. */
    static Duration positive(String what, Duration time) {
        if (Objects.requireNonNull(time, what).isZero()) {
            throw refusal(what, time, "more than nothing");
        }
        return notNegative(what, time);
    }

    /** Nothing, or more. */
    static Duration notNegative(String what, Duration time) {
        if (Objects.requireNonNull(time, what).isNegative() || time.compareTo(MAX) > 0) {
            throw refusal(what, time, "not negative, and at most " + MAX.toDays() + " days");
        }
        return time;
    }

    private static IllegalArgumentException refusal(String what, Duration time, String right) {
        return new IllegalArgumentException(what + " " + time + ": " + right);
    }
}
