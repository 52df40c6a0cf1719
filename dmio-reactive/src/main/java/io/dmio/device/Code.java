package io.dmio.device;

import java.time.Duration;

/** Writes values as Java code, for the code that a plan prints. */
final class Code {

    private Code() {}

    /** Returns a number, marked as {@code long} if an {@code int} would not hold it. */
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
