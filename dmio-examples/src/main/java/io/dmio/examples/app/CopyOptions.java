package io.dmio.examples.app;

/**
 * How a copy is done.
 *
 * @param sync whether the legs are flushed at the end
 * @param verify whether every good leg is read again and compared
 */
record CopyOptions(boolean sync, boolean verify) {

    /** Flushed, not verified. */
    static final CopyOptions DEFAULTS = new CopyOptions(true, false);
}
