package io.dmio.nbd;

/** Whether a connection is encrypted. */
enum TlsUse {
    /** Never: there is no certificate. */
    NONE,
    /** If the client wants. */
    OFFERED,
    /** Always: nothing is told in plain text. */
    REQUIRED
}
