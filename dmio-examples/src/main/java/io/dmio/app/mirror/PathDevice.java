package io.dmio.app.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Extent;
import io.dmio.app.cli.FileId;
import io.dmio.app.serve.FileWatch;
import io.dmio.mirror.MirrorOptions;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A leg that is what its path names, and keeps its length. If something else is at the path, it is opened if it has the right length, and
 * used from the next {@link #pin} on, by a mirror that then looks whether it is its leg. {@link PathFile} and {@link PathDisk} say when.
 *
 * <p>If the file or disk was made longer, so that no leg will be found in it when it is opened again, that is told once. A failure to look
 * says nothing.
 */
abstract class PathDevice implements BlockDevice {

    private static final Logger LOG = LoggerFactory.getLogger("io.dmio.app.mirror");

    private final String path;
    private final DeviceInfo info;
    private final Supplier<BlockDevice> opener;
    private final FileWatch watch;
    private final Object looking = new Object();
    private volatile BlockDevice current;
    private volatile String gone = "";
    private String key; // guarded by looking
    private boolean isLonger; // guarded by looking
    private @Nullable BlockDevice fresh; // guarded by this, as closed
    private boolean closed;

    /** Threads that all legs share, at most one for each leg of a mirror: if one disk hangs, others are still looked at. */
    private static final class Threads {
        static final Scheduler SHARED =
                Schedulers.newBoundedElastic(MirrorOptions.LEGS_MAX, Integer.MAX_VALUE, "dmio-paths", 60, true);
    }

    /**
     * Opens a leg, which is such a device if it is a file or a disk; blocks.
     *
     * @param path the path, or an NBD URI
     * @param opener opens what is there at that time
     */
    static BlockDevice of(String path, Supplier<BlockDevice> opener) {
        FileId found = FileId.of(path);
        return switch (found.kind()) {
            case FILE -> new PathFile(found, opener);
            case BLOCK_DEVICE -> new PathDisk(found, opener);
            default -> opener.get();
        };
    }

    PathDevice(FileId found, Supplier<BlockDevice> opener) {
        this.path = found.given();
        this.opener = opener;
        this.key = found.key();
        this.current = opener.get();
        this.info = current.info();
        this.watch = new FileWatch(this::look, Threads.SHARED);
    }

    /** Decides what to do about what is at the path now. */
    abstract void look(FileId now);

    /** Returns words for what is there instead. */
    abstract String another();

    @Override
    public final DeviceInfo info() {
        return info;
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return Mono.defer(() -> gone.isEmpty()
                ? current.submit(op)
                : Mono.error(DeviceException.of(Errno.ESTALE, info.name(), op, gone)));
    }

    @Override
    public final Mono<List<Extent>> extents(long sector, long sectorCount) {
        return Mono.defer(() -> gone.isEmpty()
                ? current.extents(sector, sectorCount)
                : Mono.error(DeviceException.of(Errno.ESTALE, info.name(), gone)));
    }

    /** Switches to what is at the path now, if something was opened there. */
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
    public final Mono<Void> close() {
        return Mono.defer(() -> {
            BlockDevice unused;
            synchronized (this) {
                closed = true;
                unused = fresh == null || fresh.equals(current) ? null : fresh;
                fresh = null;
            }
            watch.stop();
            return unused == null ? current.close() : unused.close().then(current.close());
        });
    }

    /** Looks at what is at the path; blocks. */
    final void look() {
        synchronized (looking) { // not on this: a pin does not wait for a disk
            try {
                look(FileId.again(path));
            } catch (IOException unknown) {
                // does not say that it has gone: what is open answers for itself
            }
        }
    }

    final FileWatch watch() {
        return watch;
    }

    final BlockDevice current() {
        return current;
    }

    final boolean isThere() {
        return gone.isEmpty();
    }

    final boolean isSame(FileId now) {
        return now.key().equals(key);
    }

    /** Fails everything from now on. */
    final void fails(String why) {
        gone = why;
    }

    /** Goes on working. */
    final void goesOn() {
        gone = "";
        LOG.info("{}: is there again", path);
    }

    /** Returns whether nothing waits for the next pin. */
    final synchronized boolean isWithoutFresh() {
        return fresh == null && !closed;
    }

    final void tellLength(long more) {
        if (more > 0 != isLonger) {
            isLonger = more > 0;
            if (isLonger) {
                LOG.warn(
                        "{}: was made longer, by {} bytes: it goes on, but the next start looks for the leg at its end, and finds"
                                + " none there: cut it back to {} bytes before",
                        path,
                        more,
                        info.bytes());
            } else if (gone.isEmpty()) {
                LOG.info("{}: is as long again as it was", path);
            }
        }
    }

    final String sizes(long bytes) {
        return bytes == info.bytes() ? "" : ", of " + bytes + " bytes, where it had " + info.bytes();
    }

    /** Opens what is there if it is something else; returns whether that is used from the next pin on. */
    final boolean reopen(FileId now) {
        try {
            BlockDevice next = isSame(now) ? current : opener.get();
            boolean fits = next.info().sectorCount() == info.sectorCount();
            gone = fits ? gone : another() + sizes(next.info().bytes());
            key = fits ? now.key() : key;
            boolean isTaken = fits && offer(next);
            if (!isTaken && !next.equals(current)) {
                next.close().block();
            }
            return isTaken;
        } catch (DeviceException | IllegalArgumentException notYet) {
            gone = another() + ", which cannot be opened: " + notYet.getMessage();
            return false;
        }
    }

    /** Returns whether a device is accepted, to be used from the next pin on. */
    private synchronized boolean offer(BlockDevice next) {
        if (!closed) {
            fresh = next;
        }
        return !closed;
    }
}
