package io.dmio.nbd.client;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the connections that a client has, and those that it lost. Safe from any thread. */
public final class LinkCounts {

    private final AtomicInteger live = new AtomicInteger();
    private final AtomicLong lost = new AtomicLong();

    LinkCounts() {}

    void connected() {
        live.incrementAndGet();
    }

    /**
     * Called when a connection has ended.
     *
     * @param meant whether it was ended on purpose
     */
    void lost(boolean meant) {
        live.decrementAndGet();
        lost.addAndGet(meant ? 0 : 1);
    }

    public int live() {
        return live.get();
    }

    public long lost() {
        return lost.get();
    }
}
