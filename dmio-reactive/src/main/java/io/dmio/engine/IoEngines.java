package io.dmio.engine;

import io.dmio.Feature;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engines. Those without arguments are made at first use and shared by the whole process; their threads are daemons and
 * their {@link IoEngine#close()} does nothing. Those with arguments are the caller's own, to be closed.
 *
 * <p>{@code posix} and {@code uring} make system calls, on Linux; {@code jdk} runs everywhere and does less. io_uring needs Netty's
 * io_uring jars, which this library does not bring along ({@link io.dmio.Feature}). {@code -Ddmio.engine=posix|uring|jdk} makes
 * {@link #best()} that one.
 */
public final class IoEngines {

    private static final Logger LOG = LoggerFactory.getLogger(IoEngines.class);

    /** How many requests a disk may be given at once where each takes a thread. */
    static final int THREADS_MAX = 32;

    private static @Nullable IoEngine posix;
    private static @Nullable IoEngine uring;
    private static @Nullable IoEngine jdk;
    private static @Nullable EngineChoice best;

    private IoEngines() {}

    /**
     * The engine that works on every Linux: a blocking system call per operation, on at most {@value #THREADS_MAX} threads for
     * each file system or disk, of which no more take part than have work; files in memory share one for each processor, as they never wait.
     * So a disk that hangs holds up no other. The first call loads the C library, some hundred milliseconds.
     *
     * @return always the same
     * @throws UnsupportedOperationException if system calls cannot be made here; the message says why
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
     * @throws UnsupportedOperationException if system calls cannot be made here; the message says why
     */
    public static IoEngine posix(int threadsMax) {
        requireThreads(threadsMax);
        SystemCalls.require();
        return new PosixEngine(threadsMax);
    }

    /**
     * The engine that runs wherever a JDK does, macOS and Windows among them, and needs no native access: a blocking call of a {@link
     * java.nio.channels.FileChannel} for each part of an operation's memory, on as many threads as {@link #posix()}.
     *
     * <p>What it cannot do its devices say: files only and no disks, through the page cache only (an open for direct I/O errors with
     * EOPNOTSUPP), no discard, no write-zeroes ({@link io.dmio.DeviceFallback} writes them), no holes told. A flush is an
     * {@code fsync}, space is preallocated by writing zeroes. Its lock keeps out other opens for writing by this engine, of this
     * process and of others; not those by the other engines, whose kind of lock the JDK does not have. On Linux the system drops it
     * when <i>any</i> channel or stream of this process on that file is closed.
     *
     * @return always the same
     * @throws UnsupportedOperationException without {@link Feature#CORE}, as where Reactor is too old; the message names the jar
     */
    public static synchronized IoEngine jdk() {
        if (jdk == null) {
            jdk = new SharedEngine(jdk(THREADS_MAX));
        }
        return jdk;
    }

    /**
     * An engine of one's own by the JDK's channels.
     *
     * @param threadsMax how many of the engine's threads may block at a time on one file system; an operation beyond that waits. They
     *     end after a minute without work
     * @return a new engine, to be closed by the caller
     * @throws UnsupportedOperationException without {@link Feature#CORE}, as where Reactor is too old; the message names the jar
     */
    public static IoEngine jdk(int threadsMax) {
        requireThreads(threadsMax);
        Feature.CORE.require();
        return new JdkEngine(threadsMax);
    }

    private static void requireThreads(int threadsMax) {
        if (threadsMax < 1) {
            throw new IllegalArgumentException(threadsMax + " threads: at least 1 is needed");
        }
    }

    /**
     * The engine for many operations in flight: a ring shared with the kernel. What the kernel's workers do not come to within a
     * second, as a file system that hangs holds them, is done by blocking threads, at most 4 for each file system or disk.
     *
     * <p>Other users of Netty in the process keep the transport that they have chosen. What is changed for them is that servers on
     * rings accept clients one by one ({@code io.netty.iouring.acceptMultiShotEnabled}, unless that is set).
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
        Objects.requireNonNull(options, "options");
        SystemCalls.require();
        Feature.IO_URING.require();
        try {
            return new UringEngine(options);
        } catch (LinkageError absent) {
            throw new UnsupportedOperationException(
                    "io_uring cannot be had by the jars that are here: " + absent, absent);
        }
    }

    /**
     * The engine to use: {@code uring} if its operations work here (they are tried on a temporary file), else {@code posix} if system
     * calls can be made, else {@code jdk}. The first call decides and logs it; it blocks for some milliseconds.
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
            best = EngineChoice.of(
                    forced,
                    new EngineChoice.Candidates(IoEngines::uring, IoEngines::posix, IoEngines::jdk),
                    EngineProbe::of);
            LOG.info("I/O engine: {} ({})", best.engine().name(), best.reason());
        }
        return best;
    }
}
