package io.dmio.engine;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/**
 * Threads for calls that block: so many for each file system or disk. One that is frozen, or whose server is gone, keeps its own
 * and no more, and files elsewhere go on. Those of a file system that is not used end after a minute; what is left is an entry by
 * its number, which the kernel gives to another one when it is unmounted.
 */
final class DeviceThreads {

    /**
     * A copy of memory keeps a processor busy: more threads than processors only take turns, and a turn costs more than a copy of some
     * pages. Two at least, as a page that was swapped out blocks the one that comes upon it.
     */
    static final int COPYING_MAX = Math.max(2, Runtime.getRuntime().availableProcessors());

    private final int threadsMax;
    private final ThreadFactory factory;
    private final BlockingThreads unasked;
    private final BlockingThreads copying;
    private final Map<String, BlockingThreads> byDevice = new ConcurrentHashMap<>();

    /**
     * No threads yet.
     *
     * @param prefix of their names
     * @param threadsMax for each file system or disk
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

    /** Those of a file system or disk. */
    Executor of(String device) {
        return byDevice.computeIfAbsent(device, any -> new BlockingThreads(factory, threadsMax));
    }

    /** Those that find out on which file system or disk a path is that seems to be on one; others than do its I/O, as it may not be. */
    Executor looking(String mount) {
        return of("looked at on " + mount);
    }

    /** Those for what asks no file system that can hang. */
    Executor unasked() {
        return unasked;
    }

    /** Those for I/O of files in memory, wherever these are. */
    Executor copying() {
        return copying;
    }

    /** Ends all of them when their queues are empty. Does not wait; nothing is asked for any more. */
    void end() {
        unasked.end();
        copying.end();
        byDevice.values().forEach(BlockingThreads::end);
    }
}
