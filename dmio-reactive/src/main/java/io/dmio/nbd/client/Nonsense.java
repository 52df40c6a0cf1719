package io.dmio.nbd.client;

/** Thrown when the server says what cannot be: nothing it said or will say can be believed. */
final class Nonsense extends Exception {
    private static final long serialVersionUID = 1L;

    Nonsense(String what) {
        super(what, null, false, false);
    }
}
