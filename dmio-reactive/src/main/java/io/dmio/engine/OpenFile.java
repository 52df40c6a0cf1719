package io.dmio.engine;

import io.dmio.DeviceGate;
import io.dmio.DeviceInfo;
import io.dmio.concurrent.Completion;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * An open descriptor behind its {@link DeviceGate}: closed once, after the last operation that entered has exited. A number closed
 * earlier could be given to another file while a call with it is still on its way, and data would land there.
 */
final class OpenFile {

    private static final Logger LOG = LoggerFactory.getLogger(OpenFile.class);

    private static final long RING_AVOIDED_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final int fd;
    private final DeviceInfo info;
    private final FileQuirks quirks;
    private final DeviceGate gate;
    private final Executor blocking;
    private final Completion closed = new Completion();
    private volatile long ringAvoided; // since when; 0 for not

    /**
     * Owns the descriptor from here on.
     *
     * @param blocking where to close it, as the last close of a disk writes back its cache, and to look for holes
     */
    OpenFile(int fd, DeviceInfo info, FileQuirks quirks, Executor blocking) {
        this.fd = fd;
        this.info = info;
        this.quirks = quirks;
        this.blocking = blocking;
        this.gate = new DeviceGate(this::closeSoon);
    }

    /** The descriptor: to be used between entering the gate and leaving it only. */
    int fd() {
        return fd;
    }

    DeviceInfo info() {
        return info;
    }

    FileQuirks quirks() {
        return quirks;
    }

    /** What each operation enters and leaves. */
    DeviceGate gate() {
        return gate;
    }

    /** Where calls may block. */
    Executor blocking() {
        return blocking;
    }

    /** The kernel's workers did not come to an operation of its on a ring: others go to its threads for a while. */
    void avoidRing() {
        ringAvoided = Math.max(1, System.nanoTime());
    }

    /** Whether operations should not be put on a ring for now. */
    boolean avoidsRing() {
        long since = ringAvoided;
        if (since == 0) {
            return false;
        }
        if (System.nanoTime() - since < RING_AVOIDED_NANOS) {
            return true;
        }
        ringAvoided = 0; // so that nobody looks at the clock any more
        return false;
    }

    /** Cold; shuts the gate at subscribe, and completes when the descriptor is closed. */
    Mono<Void> close() {
        return Mono.defer(() -> {
            gate.shut();
            return closed.await();
        });
    }

    /** Shuts the gate as nobody can any more: the device that stands before it was lost. */
    void abandon() {
        if (!gate.isShut()) {
            LOG.warn("{}: it was not closed before it became unreachable: it is closed now", info.name());
            gate.shut();
        }
    }

    /** Completes when the descriptor is closed; does not close it. */
    Mono<Void> whenClosed() {
        return closed.await();
    }

    private void closeSoon() {
        try {
            blocking.execute(this::closeNow);
        } catch (
                Throwable
                        noThread) { // better to block here than to keep the descriptor, its lock and those waiting for
            // it
            closeNow();
        }
    }

    private void closeNow() {
        long answer = LibC.close(fd); // whatever it answers, the number is free again: never retried
        if (answer == 0) {
            closed.end(null);
        } else {
            closed.end(LibC.failure(info.name(), "closing reported a failed earlier write", (int) -answer));
        }
    }
}
