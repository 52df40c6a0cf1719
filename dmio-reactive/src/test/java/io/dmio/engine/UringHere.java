package io.dmio.engine;

import static org.junit.jupiter.api.Assumptions.abort;

/** Whether the ring can be tested here; skips with the reason where it cannot. */
public final class UringHere {

    private UringHere() {}

    public static IoEngine shared() {
        try {
            return IoEngines.uring();
        } catch (UnsupportedOperationException absent) {
            return abort(absent.toString());
        }
    }

    public static IoEngine own(UringOptions options) {
        try {
            return IoEngines.uring(options);
        } catch (UnsupportedOperationException absent) {
            return abort(absent.toString());
        }
    }
}
