package io.dmio.nbd.server;

import org.jspecify.annotations.Nullable;

/** The outcome of the pieces of one write, which is answered once all have come and ended, with the first failure of any. One thread. */
final class WritePieces {

    private final long startNanos = System.nanoTime();
    private final long bytes;
    private int inFlight;
    private boolean isWhole; // no more come
    private @Nullable Throwable failure;
    private RequestRules.@Nullable Refusal refusal;

    /**
     * Creates the object for a write that begins now.
     *
     * @param bytes the bytes of the whole write
     */
    WritePieces(long bytes) {
        this.bytes = bytes;
    }

    long bytes() {
        return bytes;
    }

    /** Returns how long the write has taken so far. */
    long nanos() {
        return System.nanoTime() - startNanos;
    }

    /** Called when a piece begins. */
    void begin(boolean isLast) {
        inFlight++;
        isWhole = isLast;
    }

    /**
     * Called when the rest will not be written.
     *
     * @return whether the write may be answered
     */
    boolean refuse(RequestRules.Refusal why) {
        refusal = why;
        isWhole = true;
        return inFlight == 0;
    }

    /**
     * Called when a piece has ended.
     *
     * @return whether the write may be answered
     */
    boolean end(@Nullable Throwable of) {
        inFlight--;
        failure = failure == null ? of : failure;
        return isWhole && inFlight == 0;
    }

    @Nullable
    Throwable failure() {
        return failure;
    }

    /** Returns why the rest was not written, or null. */
    RequestRules.@Nullable Refusal refusal() {
        return refusal;
    }
}
