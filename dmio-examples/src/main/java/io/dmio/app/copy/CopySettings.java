package io.dmio.app.copy;

/**
 * The settings of a copy.
 *
 * @param sync whether the legs are flushed at the end
 * @param verify whether every good leg is read again and compared
 * @param goOn whether parts of the source that cannot be read are left out, instead of ending the copy there
 * @param sparse whether zeroes are left out where that makes no difference
 */
public record CopySettings(boolean sync, boolean verify, boolean goOn, boolean sparse) {

    /** The defaults: flushed, not verified, up to the first byte that cannot be read, every byte written. */
    public static final CopySettings DEFAULTS = new CopySettings(true, false, false, false);
}
