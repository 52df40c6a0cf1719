package io.dmio;

import java.util.Objects;

/**
 * The outcome of one request of a pipeline.
 *
 * @param request the request that was given
 * @param errorBits which of its regions failed
 */
public record IoResult(IoRequest request, ErrorBits errorBits) {

    /** Checks for nulls. */
    public IoResult {
        Objects.requireNonNull(request, "request");
        Objects.requireNonNull(errorBits, "errorBits");
    }

    /** {@linkplain IoRequest#release Releases} the memory of an {@linkplain IoRequest#owning owning} request; does nothing for others. */
    public void release() {
        request.release();
    }
}
