package io.dmio.app.copy;

/**
 * How a copy is done.
 *
 * @param sync whether the legs are flushed at the end
 * @param verify whether every good leg is read again and compared
 * @param goOn whether what cannot be read of the source is left out, instead of ending the copy there
 * @param sparse whether zeroes are left out where that makes no difference
 */
public record CopySettings(boolean sync, boolean verify, boolean goOn, boolean sparse) {

    /** Flushed, not verified, up to the first byte that cannot be read, every byte written. */
    public static final CopySettings DEFAULTS = new CopySettings(true, false, false, false);
}
