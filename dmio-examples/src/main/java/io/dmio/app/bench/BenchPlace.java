package io.dmio.app.bench;

import io.dmio.app.bench.BenchLegs.Caching;
import java.io.IOException;

/** The source of a bench's legs: files of its own, or what the user names. Closing removes what was created. */
interface BenchPlace extends AutoCloseable {

    /** Returns the most legs that it can have. */
    int legsMost();

    /** Returns how many legs it has by default. */
    int legsUsual();

    /** Returns whether NBD servers have all of them, so that no engine of this machine is measured. */
    boolean isRemote();

    /**
     * Gets the legs ready. Blocks.
     *
     * @param legs how many
     * @param caching whether to bypass the page cache or to use it
     * @throws IllegalArgumentException if they cannot be had; the message says what would help
     */
    BenchLegs prepare(int legs, Caching caching) throws IOException;

    /** Describes the prepared legs, for people. */
    String words();

    @Override
    void close() throws IOException;
}
