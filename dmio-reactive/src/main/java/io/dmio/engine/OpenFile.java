package io.dmio.engine;

import io.dmio.BlockOp;
import io.dmio.DeviceGate;
import io.dmio.DeviceInfo;
import io.dmio.Extent;
import io.dmio.concurrent.Completion;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/**
 * An open file behind its {@link DeviceGate}: closed once, after the last operation that entered has exited. If a descriptor were closed
 * earlier, it could be given to another file while a call with it is still under way, and data would land there.
 */
abstract class OpenFile {

    private static final Logger LOG = LoggerFactory.getLogger(OpenFile.class);

    private final DeviceInfo info;
    private final FileQuirks quirks;
    private final DeviceGate gate;
    private final Executor blocking;
    private final Completion closed = new Completion();

    /**
     * Owns what is open from here on.
     *
     * @param blocking where the file is closed, as the last close of a disk writes back its cache, and where holes are looked for
     */
    OpenFile(DeviceInfo info, FileQuirks quirks, Executor blocking) {
        this.info = info;
        this.quirks = quirks;
        this.blocking = blocking;
        this.gate = new DeviceGate(this::closeSoon);
    }

    /** Creates an operation on the file. The gate was entered for it, and is exited when the operation ends. */
    abstract FileOp op(BlockOp op, CoreSubscriber<? super Void> actual);

    /** Returns where the file has holes; between entering the gate and leaving it. Blocks; throws a {@link io.dmio.DeviceException}. */
    abstract List<Extent> extents(long sector, long sectorCount);

    /** Makes the page cache drop a range, and what lies beside it; between entering the gate and leaving it. May block. */
    void forget(long sector, long sectorCount) {}

    /** Closes what is open; throws what that reported of earlier writes. Blocks. */
    abstract void closeHandle();

    /** Returns whether any thread may make calls; otherwise only {@link #blocking} may. */
    abstract boolean mayUseAnyThread();

    DeviceInfo info() {
        return info;
    }

    FileQuirks quirks() {
        return quirks;
    }

    /** Returns the gate that each operation enters and leaves. */
    DeviceGate gate() {
        return gate;
    }

    /** Returns where calls may block. */
    Executor blocking() {
        return blocking;
    }

    /** Closes the file. Cold; shuts the gate at subscribe, and completes when the descriptor is closed. */
    Mono<Void> close() {
        return Mono.defer(() -> {
            gate.shut();
            return closed.await();
        });
    }

    /** Shuts the gate, as nobody else can any more: the device in front of the file was lost. */
    void abandon() {
        if (!gate.isShut()) {
            LOG.warn("{}: it was not closed before it became unreachable: it is closed now", info.name());
            gate.shut();
        }
    }

    /** Returns a Mono that completes when the descriptor is closed; does not close it. */
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
        Throwable reported = null;
        try {
            closeHandle();
        } catch (Throwable thrown) {
            reported = thrown;
        }
        closed.end(reported);
    }
}
