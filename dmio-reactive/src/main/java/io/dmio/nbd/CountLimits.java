package io.dmio.nbd;

/** Which counts an option may have. */
final class CountLimits {

    private CountLimits() {}

    static int atLeastOne(String what, int value) {
        return (int) atLeastOne(what, (long) value);
    }

    static long atLeastOne(String what, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(what + " " + value + ": at least 1");
        }
        return value;
    }
}
