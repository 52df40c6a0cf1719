package io.dmio.nbd.server;

import org.jspecify.annotations.Nullable;

/** What the pieces of one write came to: it is answered once all have come and ended, by the first failure of any. One thread. */
final class WritePieces {

    private final long startNanos = System.nanoTime();
    private final long bytes;
    private int inFlight;
    private boolean isWhole; // no more come
    private @Nullable Throwable failure;
    private RequestRules.@Nullable Refusal refusal;

    /**
     * Of a write that begins now.
     *
     * @param bytes all that it writes
     */
    WritePieces(long bytes) {
        this.bytes = bytes;
    }

    long bytes() {
        return bytes;
    }

    /** How long it has taken so far. */
    long nanos() {
        return System.nanoTime() - startNanos;
    }

    /** A piece begins. */
    void begin(boolean isLast) {
        inFlight++;
        isWhole = isLast;
    }

    /**
     * The rest will not be written.
     *
     * @return whether it may be answered
     */
    boolean refuse(RequestRules.Refusal why) {
        refusal = why;
        isWhole = true;
        return inFlight == 0;
    }

    /**
     * A piece has ended.
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

    /** Why the rest was not written, or null. */
    RequestRules.@Nullable Refusal refusal() {
        return refusal;
    }
}
