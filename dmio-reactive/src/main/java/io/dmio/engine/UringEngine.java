package io.dmio.engine;

import io.dmio.BlockDevice;
import io.dmio.Feature;
import io.dmio.concurrent.LookClock;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.NonBlocking;

/**
 * An engine whose operations go to the kernel through rings of its own, driven by Netty's io_uring event loops ({@code dmio-uring-N}); opens,
 * closes and ioctls go through a few threads that may block. Files are spread over the rings; a caller on a ring's thread stays on that ring.
 * This class, {@link UringLoop} and {@link UringOps} are the only users of Netty's io_uring types, which are an optional dependency.
 *
 * <p>Files in memory (tmpfs, ramfs) do not go through a ring: they have no non-blocking path, so the kernel would hand each operation to one
 * of its workers, one at a time for each file. The engine's threads make the same copies side by side (docs/benchmarks.md).
 */
final class UringEngine implements IoEngine {

    static final String NAME = "uring";

    private static final String ACCEPT_MULTISHOT = "io.netty.iouring.acceptMultiShotEnabled";

    private static final Logger LOG = LoggerFactory.getLogger(UringEngine.class);

    /**
     * The number of submissions gathered before the kernel is entered; it is also entered at the end of a pass of the loop. One pass handles
     * all completions that came together: if their submissions were gathered until its end, the disk would be idle while the thread works,
     * and the thread while the disk does. A system call for each submission is what fio makes, too.
     */
    private static final int RING_SIZE = 2;

    private static final int COMPLETION_QUEUE_SIZE = 8192;
    private static final int BLOCKING_THREADS_MAX = 4;

    /** How long closing waits for the kernel before it gives up the ring and the memory, on purpose. */
    private static final Duration DRAIN_MAX = Duration.ofSeconds(60);

    private final EngineLoops group;
    private final UringLoop[] loops;
    private final DeviceThreads blocking = new DeviceThreads("dmio-uring-blocking", BLOCKING_THREADS_MAX);
    private final BlockingThreads copying =
            new BlockingThreads(new NamedThreads("dmio-uring-memory"), DeviceThreads.COPYING_MAX);
    private final OpenFiles files = new OpenFiles(NAME, blocking);
    private final AtomicInteger opened = new AtomicInteger();

    /**
     * Starts the rings.
     *
     * @throws UnsupportedOperationException if this kernel, container or class path has no usable io_uring
     */
    UringEngine(UringOptions options) {
        acceptOneByOne();
        if (!IoUring.isAvailable()) {
            Throwable cause = IoUring.unavailabilityCause();
            String remedy = cause instanceof LinkageError ? ": " + Feature.IO_URING.remedy() : ""; // no native part
            throw new UnsupportedOperationException("io_uring is not available: " + cause.getMessage() + remedy, cause);
        }
        LookClock.start();
        this.group = new EngineLoops(
                options.loops(),
                UringThread::new,
                IoUringIoHandler.newFactory(
                        new IoUringIoHandlerConfig().setRingSize(RING_SIZE).setCqSize(COMPLETION_QUEUE_SIZE)));
        this.loops = new UringLoop[options.loops()];
        for (int i = 0; i < loops.length; i++) {
            loops[i] = new UringLoop(group.next(), options.inFlightMax(), RingWatch::tell);
            loops[i].register();
        }
    }

    // For servers on these rings. With one request for many clients, Netty asks again at once if the system cannot
    // accept one, and does nothing else any more; and the kernel accepts more than are wanted. Netty reads the property
    // once, at its first use.
    private static void acceptOneByOne() {
        if (System.getProperty(ACCEPT_MULTISHOT) == null) {
            System.setProperty(ACCEPT_MULTISHOT, "false");
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Mono<BlockDevice> open(Path path, OpenOptions options) {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(options, "options");
        return files.open(new FileOpener(path, options), this::pathOf);
    }

    IoEventLoopGroup loops() {
        return group;
    }

    private SubmissionPath pathOf(OpenFile file) {
        if (file.quirks().inMemory) {
            return copying::execute;
        }
        UringLoop home = loops[Math.floorMod(opened.getAndIncrement(), loops.length)];
        return op -> nearest(home).launch(op);
    }

    /** Returns the ring of the calling thread if it is one of this engine's, so that an operation need not change threads. */
    private UringLoop nearest(UringLoop home) {
        if (Thread.currentThread() instanceof UringThread) {
            for (UringLoop loop : loops) {
                if (loop.isHere()) {
                    return loop;
                }
            }
        }
        return home;
    }

    @Override
    public Mono<Void> close() {
        return files.closeAll()
                .timeout(DRAIN_MAX)
                .doOnError(late -> LOG.error(
                        "the kernel has not answered for {}: its rings and the memory in flight are left alone",
                        DRAIN_MAX))
                .doOnSuccess(done -> end());
    }

    // Netty's shutdown does not wait for our I/O, so it is called when there is none.
    private void end() {
        group.end();
        blocking.end();
        copying.end();
    }

    /** The thread of a loop; Reactor refuses to block on it. */
    private static final class UringThread extends FastThreadLocalThread implements NonBlocking {
        private static final AtomicInteger LAST = new AtomicInteger();

        UringThread(Runnable task) {
            super(task, "dmio-uring-" + LAST.incrementAndGet());
            setDaemon(true);
        }
    }
}
