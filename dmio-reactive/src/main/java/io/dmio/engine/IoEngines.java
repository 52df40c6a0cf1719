package io.dmio.engine;

import io.dmio.Feature;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * The engines. Those without arguments are created at first use and shared by the whole process; their threads are daemons and
 * their {@link IoEngine#close()} does nothing. Those with arguments are the caller's own, to be closed.
 *
 * <p>{@code posix} and {@code uring} make system calls, on Linux; {@code jdk} runs everywhere and does less. io_uring needs
 * Netty's io_uring jars, which this library does not bring along ({@link io.dmio.Feature}).
 * {@code -Ddmio.engine=posix|uring|jdk} sets what {@link #best()} returns.
 */
public final class IoEngines {

    private static final Logger LOG = LoggerFactory.getLogger(IoEngines.class);

    /** The most requests that a disk is given at once if each takes a thread. */
    static final int THREADS_MAX = 32;

    private static @Nullable SharedEngine posix;
    private static @Nullable SharedEngine uring;
    private static @Nullable SharedEngine jdk;
    private static @Nullable EngineChoice best;

    private IoEngines() {}

    /**
     * Returns the engine that works on every Linux. It makes a blocking system call per operation, on at most
     * {@value #THREADS_MAX} threads for each file system or disk, of which no more take part than have work; files in memory
     * share one thread for each processor, as they never wait. So a disk that hangs holds up no other. The first call loads the
     * C library, which takes some hundred milliseconds.
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
     * Creates a blocking engine that is the caller's own.
     *
     * @param threadsMax how many of the engine's threads may block at a time on one file system or disk; an operation beyond
     *     that waits. They end after a minute without work. Sync calls come on top, as they may block on their callers' threads
     * @return a new engine, to be closed by the caller
     * @throws UnsupportedOperationException if system calls cannot be made here; the message says why
     */
    public static IoEngine posix(int threadsMax) {
        requireThreads(threadsMax);
        SystemCalls.require();
        return new PosixEngine(threadsMax);
    }

    /**
     * Returns the engine that runs wherever a JDK does, including macOS and Windows, and needs no native access. It makes a
     * blocking call of a {@link java.nio.channels.FileChannel} for each part of an operation's memory, on as many threads as
     * {@link #posix()}.
     *
     * <p>Its devices say what it cannot do: it has files only and no disks, the page cache only (an open for direct I/O errors
     * with EOPNOTSUPP), no discard, no write-zeroes ({@link io.dmio.DeviceFallback} writes them), and reports no holes. A flush
     * is an {@code fsync}, space is preallocated by writing zeroes. Its lock keeps out other opens for writing by this engine,
     * of this process and of others, but not those by the other engines, whose kind of lock the JDK does not have. On Linux the
     * system drops the lock when <i>any</i> channel or stream of this process on that file is closed.
     *
     * @return always the same
     * @throws UnsupportedOperationException if {@link Feature#CORE} is missing, as where Reactor is too old; the message names
     *     the jar
     */
    public static synchronized IoEngine jdk() {
        if (jdk == null) {
            jdk = new SharedEngine(jdk(THREADS_MAX));
        }
        return jdk;
    }

    /**
     * Creates an engine by the JDK's channels that is the caller's own.
     *
     * @param threadsMax how many of the engine's threads may block at a time on one file system; an operation beyond that
     *     waits. They end after a minute without work
     * @return a new engine, to be closed by the caller
     * @throws UnsupportedOperationException if {@link Feature#CORE} is missing, as where Reactor is too old; the message names
     *     the jar
     */
    public static IoEngine jdk(int threadsMax) {
        requireThreads(threadsMax);
        Feature.CORE.require();
        return new JdkEngine(threadsMax);
    }

    /**
     * Closes the shared engines, as at the end of a program: a JVM that ends waits for a third of a second for threads that are in native
     * code, as those of rings always are. Whoever asks for a shared engine afterwards gets a new one, and {@link #best()} chooses anew.
     *
     * @return a Mono that closes them when subscribed, each as {@link IoEngine#close()} does an engine of the caller's own, with the devices
     *     that are open on it, whoever opened them; completes when all are closed
     */
    public static Mono<Void> closeShared() {
        return Mono.defer(() -> Mono.whenDelayError(
                forget().stream().map(SharedEngine::engine).map(IoEngine::close).toList()));
    }

    private static synchronized List<SharedEngine> forget() {
        List<SharedEngine> all =
                Stream.of(posix, uring, jdk).filter(Objects::nonNull).toList();
        posix = null;
        uring = null;
        jdk = null;
        best = null;
        return all;
    }

    private static void requireThreads(int threadsMax) {
        if (threadsMax < 1) {
            throw new IllegalArgumentException(threadsMax + " threads: at least 1 is needed");
        }
    }

    /**
     * Returns the engine for many operations in flight: a ring shared with the kernel. Operations that the kernel's workers do
     * not come to within a second, because a file system that hangs holds them, are done by blocking threads, at most 4 for
     * each file system or disk.
     *
     * <p>Other users of Netty in the process keep the transport that they have chosen. One thing changes for them: servers on
     * rings accept clients one by one ({@code io.netty.iouring.acceptMultiShotEnabled}, unless that is set).
     *
     * @return always the same
     * @throws UnsupportedOperationException if io_uring is not available here; the message says why
     */
    public static synchronized IoEngine uring() {
        if (uring == null) {
            uring = new SharedEngine(uring(UringOptions.defaults()));
        }
        return uring;
    }

    /**
     * Creates a ring engine that is the caller's own.
     *
     * @param options the engine's numbers
     * @return a new engine, to be closed by the caller
     * @throws UnsupportedOperationException if io_uring is not available here; the message says why
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
     * Returns the engine to use: {@code uring} if its operations work here (they are tried on a temporary file), else
     * {@code posix} if system calls can be made, else {@code jdk}. The first call decides and logs the choice; it blocks for
     * some milliseconds.
     *
     * @return always the same
     * @throws IllegalArgumentException if {@code -Ddmio.engine} names no engine
     * @throws UnsupportedOperationException if it names an engine that is not available here
     * @throws IllegalStateException if the first call comes from a thread that must not block; nothing is decided then
     */
    public static IoEngine best() {
        return choice().engine();
    }

    /**
     * Returns why {@link #best()} is what it is.
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
