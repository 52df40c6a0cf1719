package io.dmio.app.bench;

import io.dmio.app.bench.BenchLegs.Caching;
import java.io.IOException;

/** Where a bench's legs come from: files of its own, or what the user names. Closing takes back what was made. */
interface BenchPlace extends AutoCloseable {

    /** The most legs it can have. */
    int legsMost();

    /** How many it has if nobody says. */
    int legsUsual();

    /** Whether NBD servers have all of them, so that no engine of this machine is measured. */
    boolean isRemote();

    /**
     * Gets the legs ready. Blocks.
     *
     * @param legs how many
     * @param caching past the page cache or through it
     * @throws IllegalArgumentException if they cannot be had; the message says what would help
     */
    BenchLegs prepare(int legs, Caching caching) throws IOException;

    /** The prepared legs, for people. */
    String words();

    @Override
    void close() throws IOException;
}
