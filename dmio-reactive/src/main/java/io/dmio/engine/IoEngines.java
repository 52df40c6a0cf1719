package io.dmio.engine;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engines. Those without arguments are made at first use and shared by the whole process; their threads are daemons and
 * their {@link IoEngine#close()} does nothing. Those with arguments are the caller's own, to be closed.
 *
 * <p>{@code -Ddmio.engine=posix|uring} makes {@link #best()} that one. io_uring needs Netty's io_uring jars, which this library
 * does not bring along; without them everything here works but {@link #uring()}.
 */
public final class IoEngines {

    private static final Logger LOG = LoggerFactory.getLogger(IoEngines.class);

    static final int THREADS_MAX = Math.min(32, 4 * Runtime.getRuntime().availableProcessors());

    private static @Nullable IoEngine posix;
    private static @Nullable IoEngine uring;
    private static @Nullable EngineChoice best;

    private IoEngines() {}

    /**
     * The engine that works everywhere: a blocking call per operation, on at most 32 threads, 4 per processor, for each file
     * system or disk. So one that hangs holds up no other.
     *
     * @return always the same
     */
    public static synchronized IoEngine posix() {
        if (posix == null) {
            posix = new SharedEngine(posix(THREADS_MAX));
        }
        return posix;
    }

    /**
     * A blocking engine of one's own.
     *
     * @param threadsMax how many of the engine's threads may block at a time on one file system or disk; an operation beyond that
     *     waits. They end after a minute without work. Sync calls come on top, as they may block on their callers' threads
     * @return a new engine, to be closed by the caller
     */
    public static IoEngine posix(int threadsMax) {
        if (threadsMax < 1) {
            throw new IllegalArgumentException(threadsMax + " threads: at least 1 is needed");
        }
        return new PosixEngine(threadsMax);
    }

    /**
     * The engine for many operations in flight: a ring shared with the kernel. What the kernel's workers do not come to within a
     * second, as a file system that hangs holds them, is done by blocking threads, at most 4 for each file system or disk.
     *
     * @return always the same
     * @throws UnsupportedOperationException if io_uring cannot be had here; the message says why
     */
    public static synchronized IoEngine uring() {
        if (uring == null) {
            uring = new SharedEngine(uring(UringOptions.defaults()));
        }
        return uring;
    }

    /**
     * A ring engine of one's own.
     *
     * @param options its numbers
     * @return a new engine, to be closed by the caller
     * @throws UnsupportedOperationException if io_uring cannot be had here; the message says why
     */
    public static IoEngine uring(UringOptions options) {
        try {
            return new UringEngine(options);
        } catch (LinkageError absent) {
            throw new UnsupportedOperationException(
                    "io_uring needs netty-transport-classes-io_uring and its native jar on the class path: " + absent,
                    absent);
        }
    }

    /**
     * The engine to use: {@code uring} if its operations work here (they are tried on a temporary file), else {@code posix}.
     * The first call decides and logs it; it blocks for some milliseconds.
     *
     * @return always the same
     * @throws IllegalArgumentException if {@code -Ddmio.engine} names no engine
     * @throws UnsupportedOperationException if it names one that cannot be had here
     * @throws IllegalStateException if the first call comes from a thread that must not block; nothing is decided then
     */
    public static IoEngine best() {
        return choice().engine();
    }

    /**
     * Why {@link #best()} is what it is.
     *
     * @return a phrase for people
     */
    public static String bestReason() {
        return choice().reason();
    }

    private static synchronized EngineChoice choice() {
        if (best == null) {
            String forced = System.getProperty(EngineChoice.PROPERTY, "");
            best = EngineChoice.of(forced, IoEngines::posix, IoEngines::uring, EngineProbe::of);
            LOG.info("I/O engine: {} ({})", best.engine().name(), best.reason());
        }
        return best;
    }
}
