package io.dmio.app.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Extent;
import io.dmio.app.cli.FileId;
import io.dmio.mirror.MirrorOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A file as long as it is what its path names, and as long as it was. One that was replaced, taken away or cut short fails whatever is
 * asked of it, where the file that is still open would go on for nobody, or read as zeroes. When a file of the right length is at the path
 * again, it is opened, and used from the next {@link #pin} on: by a mirror that looks then whether it is its leg.
 *
 * <p>It looks twice a second, and before each write to the end: a file that was cut short gets its length back by no other. That a look
 * is not possible says nothing.
 */
final class PathDevice implements BlockDevice {

    private static final Duration LOOK = Duration.ofMillis(500);
    private static final int END_SECTORS = 64; // a leg's superblocks and mark are there

    private final String path;
    private final DeviceInfo info;
    private final Supplier<BlockDevice> opener;
    private final Disposable watch;
    private volatile BlockDevice current;
    private String key; // guarded by looking
    private volatile String gone = "";
    private final Object looking = new Object();
    private @Nullable BlockDevice fresh; // guarded by this, as closed
    private boolean closed;

    /** Threads that all share, one for each leg of a mirror at most: where one disk hangs, others are looked at. */
    private static final class Threads {
        static final Scheduler SHARED =
                Schedulers.newBoundedElastic(MirrorOptions.LEGS_MAX, Integer.MAX_VALUE, "dmio-paths", 60, true);
    }

    /**
     * Opens a leg, which is such a file if it is a file at all; blocks.
     *
     * @param path or NBD URI
     * @param opener opens what is there then
     */
    static BlockDevice of(String path, Supplier<BlockDevice> opener) {
        return FileId.of(path).kind() == FileId.Kind.FILE ? new PathDevice(path, opener) : opener.get();
    }

    private PathDevice(String path, Supplier<BlockDevice> opener) {
        this.path = path;
        this.opener = opener;
        this.key = FileId.of(path).key();
        this.current = opener.get();
        this.info = current.info();
        this.watch = Flux.interval(LOOK, Threads.SHARED).onBackpressureDrop().subscribe(tick -> look());
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        if (op.kind().changes() && op.sector() + op.sectorCount() > info.sectorCount() - END_SECTORS) {
            return Mono.fromRunnable(this::look).subscribeOn(Threads.SHARED).then(Mono.defer(() -> pass(op)));
        }
        return pass(op);
    }

    @Override
    public Mono<List<Extent>> extents(long sector, long sectorCount) {
        return Mono.defer(() -> gone.isEmpty()
                ? current.extents(sector, sectorCount)
                : Mono.error(DeviceException.of(Errno.ESTALE, info.name(), gone)));
    }

    /** Takes what is at the path now, if something was opened there. */
    @Override
    public synchronized void pin() {
        BlockDevice next = fresh;
        if (next != null) {
            BlockDevice old = current;
            fresh = null;
            current = next;
            gone = "";
            if (!old.equals(next)) {
                old.close().subscribe(done -> {}, told -> {});
            }
        }
        current.pin();
    }

    @Override
    public Mono<Void> close() {
        return Mono.defer(() -> {
            BlockDevice unused;
            synchronized (this) {
                closed = true;
                unused = fresh == null || fresh.equals(current) ? null : fresh;
                fresh = null;
            }
            watch.dispose();
            return unused == null ? current.close() : unused.close().then(current.close());
        });
    }

    private Mono<Void> pass(BlockOp op) {
        return Mono.defer(() -> gone.isEmpty()
                ? current.submit(op)
                : Mono.error(DeviceException.of(Errno.ESTALE, info.name(), op, gone)));
    }

    /** Looks what is at the path; blocks. */
    private void look() {
        synchronized (looking) { // not with this: whoever pins does not wait for a disk
            lookAtPath();
        }
    }

    private void lookAtPath() {
        FileId now;
        try {
            now = FileId.again(path);
        } catch (IOException unknown) {
            return; // not that it has gone: what is open answers for itself
        }
        String why = why(now);
        if (!why.isEmpty()) {
            gone = why;
        }
        if (!gone.isEmpty() && now.bytes() == info.bytes() && isWithoutFresh()) {
            reopen(now);
        }
    }

    private String why(FileId now) {
        if (now.kind() == FileId.Kind.MISSING) {
            return "the file was taken away";
        }
        if (!now.key().equals(key)) {
            return "another file is there now";
        }
        return now.bytes() < info.bytes()
                ? "the file was cut short, to " + now.bytes() + " of " + info.bytes() + " bytes"
                : "";
    }

    private synchronized boolean isWithoutFresh() {
        return fresh == null && !closed;
    }

    /** Whether it is taken, to be used from the next pin on. */
    private synchronized boolean offer(BlockDevice next) {
        if (!closed) {
            fresh = next;
        }
        return !closed;
    }

    private void reopen(FileId now) {
        try {
            BlockDevice next = now.key().equals(key) ? current : opener.get();
            key = now.key();
            if (!offer(next) && !next.equals(current)) {
                next.close().block();
            }
        } catch (DeviceException | IllegalArgumentException notYet) {
            gone = "another file is there now, which cannot be opened: " + notYet.getMessage();
        }
    }
}
