package io.dmio.device;

import java.time.Duration;

/** Values as Java writes them, for the code that a plan prints. */
final class Code {

    private Code() {}

    /** A number, marked as {@code long} where an {@code int} would not hold it. */
    static String of(long number) {
        return number == (int) number ? Long.toString(number) : seed(number);
    }

    static String seed(long seed) {
        return seed + "L";
    }

    static String of(Duration duration) {
        return "Duration.parse(\"" + duration + "\")";
    }
}
