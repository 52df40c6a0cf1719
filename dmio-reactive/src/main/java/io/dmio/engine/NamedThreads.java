package io.dmio.engine;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Creates daemon threads, numbered. */
final class NamedThreads implements ThreadFactory {

    private final String prefix;
    private final AtomicInteger last = new AtomicInteger();

    NamedThreads(String prefix) {
        this.prefix = prefix;
    }

    @Override
    public Thread newThread(Runnable task) {
        Thread thread = new Thread(task, prefix + "-" + last.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    }
}
