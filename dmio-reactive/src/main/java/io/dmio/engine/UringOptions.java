package io.dmio.engine;

/**
 * The options of a private {@code uring} engine. Immutable.
 *
 * @param loops the number of rings, each with its thread; a file stays on one. 1 by default: one ring keeps a fast disk busy
 * @param inFlightMax how many operations one ring hands to the kernel at a time; more wait their turn. 4,096 by default, at
 *     most 8,191, below the completion queue's size
 */
public record UringOptions(int loops, int inFlightMax) {

    private static final UringOptions DEFAULTS = new UringOptions(1, 4096);

    /** Checks the numbers. */
    public UringOptions {
        if (loops < 1 || loops > 1024) {
            throw new IllegalArgumentException(loops + " loops: 1 to 1024 are possible");
        }
        if (inFlightMax < 1 || inFlightMax > 8191) {
            throw new IllegalArgumentException(inFlightMax + " in flight: 1 to 8191 are possible");
        }
    }

    /**
     * Returns options for one ring, 4,096 in flight.
     *
     * @return the defaults
     */
    public static UringOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Returns these options with another number of rings.
     *
     * @param count how many
     * @return new options
     */
    public UringOptions withLoops(int count) {
        return new UringOptions(count, inFlightMax);
    }

    /**
     * Returns these options with another limit on operations in flight.
     *
     * @param count operations per ring
     * @return new options
     */
    public UringOptions withInFlightMax(int count) {
        return new UringOptions(loops, count);
    }
}
