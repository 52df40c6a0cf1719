package io.dmio.engine;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/**
 * Threads for calls that block, a bounded number for each file system or disk. A file system that is frozen, or whose server is gone, holds
 * up only its own threads, and files elsewhere go on. The threads of an unused file system end after a minute; what is left is an entry under
 * its number, which the kernel gives to another file system after an unmount.
 */
final class DeviceThreads {

    /**
     * The most threads that copy memory. A copy keeps a processor busy: more threads than processors only take turns, and a turn costs more
     * than a copy of some pages. At least two, as a page that was swapped out blocks the thread that meets it.
     */
    static final int COPYING_MAX = Math.max(2, Runtime.getRuntime().availableProcessors());

    private final int threadsMax;
    private final ThreadFactory factory;
    private final BlockingThreads unasked;
    private final BlockingThreads copying;
    private final Map<String, BlockingThreads> byDevice = new ConcurrentHashMap<>();

    /**
     * Creates the object, without threads yet.
     *
     * @param prefix the prefix of the threads' names
     * @param threadsMax the most threads for each file system or disk
     */
    DeviceThreads(String prefix, int threadsMax) {
        this(new NamedThreads(prefix), threadsMax);
    }

    /** As above, with threads made by a factory. */
    DeviceThreads(ThreadFactory factory, int threadsMax) {
        this.threadsMax = threadsMax;
        this.factory = factory;
        this.unasked = new BlockingThreads(factory, threadsMax);
        this.copying = new BlockingThreads(factory, Math.min(threadsMax, COPYING_MAX));
    }

    /** Returns the threads of a file system or disk. */
    Executor of(String device) {
        return byDevice.computeIfAbsent(device, any -> new BlockingThreads(factory, threadsMax));
    }

    /**
     * Returns the threads that find out on which file system or disk a path really is that seems to be on this one. Not those that do I/O
     * there, as the path may be elsewhere.
     */
    Executor looking(String mount) {
        return of("looked at on " + mount);
    }

    /** Returns the threads for work that asks no file system that can hang. */
    Executor unasked() {
        return unasked;
    }

    /** Returns the threads for I/O of files in memory, wherever these are. */
    Executor copying() {
        return copying;
    }

    /** Ends all threads when their queues are empty. Does not wait; nothing may be asked for after it. */
    void end() {
        unasked.end();
        copying.end();
        byDevice.values().forEach(BlockingThreads::end);
    }
}
