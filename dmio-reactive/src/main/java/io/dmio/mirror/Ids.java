package io.dmio.mirror;

import java.security.SecureRandom;
import java.util.SplittableRandom;
import java.util.UUID;

/** Makes random ids on any thread, even one that must not block: the system is asked for randomness once, at first use. */
final class Ids {

    private static final SplittableRandom HIGH;
    private static final SplittableRandom LOW;

    static {
        SecureRandom system = new SecureRandom();
        HIGH = new SplittableRandom(system.nextLong());
        LOW = new SplittableRandom(system.nextLong());
    }

    private Ids() {}

    /** Returns a version 4 UUID. */
    static synchronized UUID random() {
        long high = (HIGH.nextLong() & ~0xf000L) | 0x4000L;
        long low = (LOW.nextLong() & ~(3L << 62)) | 1L << 63;
        return new UUID(high, low);
    }

    /** Asks the system now, on a thread that may block. */
    static void prepare() {
        random();
    }
}
