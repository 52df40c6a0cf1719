package io.dmio.engine;

import java.io.IOException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A thread for calls on channels that cannot be interrupted during a call: the JDK would close the channel for everybody. An interrupt during
 * a call is dropped, and one that came before the call is cleared.
 */
final class ChannelThread extends Thread {

    private final Object lock = new Object();
    private boolean calling; // guarded by lock

    private ChannelThread(Runnable task, String name) {
        super(task, name);
        setDaemon(true);
    }

    /** A call that blocks. */
    interface Call<T> {
        T make() throws IOException;
    }

    /** Returns a factory of such threads, numbered. */
    static ThreadFactory factory(String prefix) {
        AtomicInteger last = new AtomicInteger();
        return task -> new ChannelThread(task, prefix + "-" + last.incrementAndGet());
    }

    /**
     * Makes a call.
     *
     * @throws IllegalStateException on a thread of another kind, which somebody could interrupt
     */
    static <T> T call(Call<T> call) throws IOException {
        if (!(Thread.currentThread() instanceof ChannelThread here)) {
            throw new IllegalStateException(Thread.currentThread() + " could be interrupted in a call on a channel");
        }
        here.setCalling(true);
        try {
            return call.make();
        } finally {
            here.setCalling(false);
        }
    }

    private void setCalling(boolean now) {
        synchronized (lock) {
            calling = now;
            if (now) {
                var unused = Thread.interrupted();
            }
        }
    }

    @Override
    public void interrupt() {
        synchronized (lock) {
            if (!calling) {
                super.interrupt();
            }
        }
    }
}
