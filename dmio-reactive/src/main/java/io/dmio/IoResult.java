package io.dmio;

/**
 * How one request of a pipeline ended.
 *
 * @param request the one that was given
 * @param errorBits which of its regions failed
 */
public record IoResult(IoRequest request, ErrorBits errorBits) {}
