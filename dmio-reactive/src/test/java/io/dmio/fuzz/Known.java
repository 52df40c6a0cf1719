package io.dmio.fuzz;

import java.time.Duration;

/** Faults that are known and not mended yet: what would meet them is left out, so that others are found behind them. */
final class Known {

    private Known() {}

    /** Views of retained slices and duplicates of pooled buffers address what lies around them. */
    static boolean viewsAreRetained() {
        return false;
    }

    /** A stream from a fused source takes all of it when it is full or left, and loses some. */
    static boolean sourcesAreFused() {
        return false;
    }

    /** A stream that ends inside a block writes other bytes than it was given. */
    static boolean streamsEndInsideBlocks() {
        return true;
    }

    /** Pages that are put, or a close, between a preflush and its write refuse a request that was accepted. */
    static boolean isPutUnderPreflush(boolean preflushes, World world) {
        return preflushes && world.wasShrunk();
    }

    /** Files cannot be made with -1 bytes, and are opened instead. */
    static boolean isForFiles(long bytes) {
        return bytes != -1;
    }

    /** Blocks of no bytes divide by zero. */
    static boolean isBlock(int bytes) {
        return bytes != 0;
    }

    /** Fault.after overflows, or names another number than it was given. */
    static boolean isForAfter(long count) {
        return count >= 0 && count < Long.MAX_VALUE;
    }

    /** A mirror of no data needs legs of no sectors, it says. */
    static boolean isMirrored(long dataSectors) {
        return dataSectors != 0;
    }

    /** Durations that some timer cannot hold are taken where they are set, and fail or hang where they are used. */
    static boolean isForTimers(Duration time) {
        return time.compareTo(Duration.ZERO) > 0 && time.compareTo(Duration.ofDays(36_500)) < 0;
    }
}
