package io.dmio.engine;

import io.dmio.Feature;

/** Tells whether the calls of {@link LibC} can be made here. Asked before LibC is touched, as a class that failed to load once is lost. */
final class SystemCalls {

    private SystemCalls() {}

    /**
     * Checks that they can be made; loads the C library at the first call, which takes some ten milliseconds.
     *
     * @throws UnsupportedOperationException that says why they cannot
     */
    static void require() {
        require(System.getProperty("os.name", ""));
    }

    private static void require(String osName) {
        if (!osName.equals("Linux")) {
            throw new UnsupportedOperationException(
                    "the posix and uring engines make system calls of Linux, and this is " + osName);
        }
        Feature.SYSTEM_CALLS.require();
        try {
            LibC.load();
        } catch (LinkageError
                | RuntimeException broken) { // its native part: no such processor, a file system without programs
            throw new UnsupportedOperationException("the C library cannot be called here: " + broken, broken);
        }
    }
}
