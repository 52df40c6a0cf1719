package io.dmio;

import java.util.Objects;

/**
 * How one request of a pipeline ended.
 *
 * @param request the one that was given
 * @param errorBits which of its regions failed
 */
public record IoResult(IoRequest request, ErrorBits errorBits) {

    /** Checks that it is whole. */
    public IoResult {
        Objects.requireNonNull(request, "request");
        Objects.requireNonNull(errorBits, "errorBits");
    }

    /** {@linkplain IoRequest#release Gives up} the memory of an {@linkplain IoRequest#owning owning} request; nothing for others. */
    public void release() {
        request.release();
    }
}
