package io.dmio.mirror;

import java.util.concurrent.TimeUnit;

/** A mirror's time, for parts that need nothing else of it. */
interface MirrorTime {

    /** The time now, by the mirror's clock. */
    long nanos();

    /** Runs an event in the mailbox after a delay, unless the mirror is closed by then. */
    void after(long delay, TimeUnit unit, Runnable event);
}
