package io.dmio.nbd.server;

/** Whether a connection is encrypted. */
public enum TlsUse {
    /** Never: there is no certificate. */
    NONE,
    /** If the client wants it. */
    OFFERED,
    /** Always: nothing is told in plain text. */
    REQUIRED
}
