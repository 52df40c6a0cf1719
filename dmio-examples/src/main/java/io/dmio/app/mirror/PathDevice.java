package io.dmio.app.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceCall;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Extent;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.dmio.app.cli.FileId;
import io.dmio.mirror.MirrorOptions;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A file as long as it is what its path names, and as long as it was. One that was replaced, taken away or cut short fails whatever is
 * asked of it, where the file that is still open would go on for nobody, or read as zeroes. When it is at the path again, it goes on. When
 * another one of the right length is, or it was cut short meanwhile, that is used from the next {@link #pin} on: by a mirror that looks
 * then whether it is its leg.
 *
 * <p>A disk goes on whatever its path names, as names of disks come and go; the kernel tells when it is gone. But one that was plugged in
 * again has another number, which a name in {@code /dev/disk} stands for then. So where somebody asked for a {@link #pin}, and the disk
 * that is open does not answer, the one that the path names by then is opened, and used from the next pin on.
 *
 * <p>It looks twice a second, and before each write to the end: a file that was cut short gets its length back by no other. One that
 * is longer than it was, which a leg is found in no more when it is opened again, is told once. That a look is not possible says nothing.
 */
final class PathDevice implements BlockDevice {

    private static final Duration LOOK = Duration.ofMillis(500);
    private static final int END_SECTORS = 64; // a leg's superblocks and mark are there

    private static final Duration ANSWER = Duration.ofSeconds(2);
    private static final Logger LOG = LoggerFactory.getLogger("io.dmio.app.mirror");

    private final String path;
    private final boolean isDisk;
    private final DeviceInfo info;
    private final Supplier<BlockDevice> opener;
    private final Disposable watch;
    private volatile BlockDevice current;
    private String key; // guarded by looking
    private boolean isCut; // guarded by looking
    private boolean isLonger; // guarded by looking
    private volatile String gone = "";
    private volatile boolean isAsked; // by a pin, whether it is still the one
    private final Object looking = new Object();
    private @Nullable BlockDevice fresh; // guarded by this, as closed
    private boolean closed;

    /** Threads that all share, one for each leg of a mirror at most: where one disk hangs, others are looked at. */
    private static final class Threads {
        static final Scheduler SHARED =
                Schedulers.newBoundedElastic(MirrorOptions.LEGS_MAX, Integer.MAX_VALUE, "dmio-paths", 60, true);
    }

    /**
     * Opens a leg, which is such a device if it is a file or a disk; blocks.
     *
     * @param path or NBD URI
     * @param opener opens what is there then
     */
    static BlockDevice of(String path, Supplier<BlockDevice> opener) {
        FileId found = FileId.of(path);
        return switch (found.kind()) {
            case FILE, BLOCK_DEVICE -> new PathDevice(found, opener);
            default -> opener.get();
        };
    }

    private PathDevice(FileId found, Supplier<BlockDevice> opener) {
        this.path = found.given();
        this.isDisk = found.kind() == FileId.Kind.BLOCK_DEVICE;
        this.opener = opener;
        this.key = found.key();
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
        if (!isDisk && op.kind().changes() && op.sector() + op.sectorCount() > info.sectorCount() - END_SECTORS) {
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
        isAsked = true;
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
    void look() {
        synchronized (looking) { // not with this: whoever pins does not wait for a disk
            try {
                FileId now = FileId.again(path);
                if (isDisk) {
                    lookForDisk(now);
                } else {
                    lookForFile(now);
                }
            } catch (IOException unknown) {
                // not that it has gone: what is open answers for itself
            }
        }
    }

    private void lookForDisk(FileId now) {
        if (now.kind() != FileId.Kind.BLOCK_DEVICE) {
            return; // its name is gone for now
        }
        boolean isSame = now.key().equals(key);
        if (isSame && gone.isEmpty()) {
            tellLength(DiskSize.bytes(now) - info.bytes());
        } else if (isAsked && isWithoutFresh()) {
            isAsked = false; // until somebody asks again
            if (isSame || !answers()) {
                reopen(now);
            }
        }
    }

    /** Whether what is open can be read at its end, where nothing is of a disk that is gone. */
    private boolean answers() {
        ByteBuf sector = PagePool.shared().allocate(Sectors.PAGE_BYTES);
        try {
            DeviceCall.of(current, new BlockOp.Read(info.sectorCount() - Sectors.PAGE_BYTES / Sectors.BYTES, sector))
                    .block(ANSWER);
            return true;
        } catch (DeviceException gone) {
            return false;
        } catch (IllegalStateException hangs) {
            return true; // it may, or may do late what it was asked for
        } finally {
            sector.release();
        }
    }

    private void lookForFile(FileId now) {
        String why = why(now);
        if (!why.isEmpty()) {
            gone = why;
            isCut |= now.key().equals(key); // what was cut off is lost, whatever its length is later
        }
        if (!gone.isEmpty() && now.bytes() == info.bytes() && isWithoutFresh()) {
            if (why.isEmpty() && !isCut) {
                gone = ""; // nothing was written to it meanwhile
                LOG.info("{}: the file is there again", path);
            } else {
                reopen(now);
            }
        }
        tellLength(gone.isEmpty() ? now.bytes() - info.bytes() : 0);
    }

    private void tellLength(long more) {
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

    private String why(FileId now) {
        if (now.kind() == FileId.Kind.MISSING) {
            return "the file was taken away";
        }
        if (now.kind() != FileId.Kind.FILE) {
            return now.kind().words() + " is there now";
        }
        if (!now.key().equals(key)) {
            return another() + sizes(now.bytes());
        }
        return now.bytes() < info.bytes()
                ? "the file was cut short, to " + now.bytes() + " of " + info.bytes() + " bytes"
                : "";
    }

    private String another() {
        return "another " + (isDisk ? "disk" : "file") + " is there now";
    }

    private String sizes(long bytes) {
        return bytes == info.bytes() ? "" : ", of " + bytes + " bytes, where it had " + info.bytes();
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
            boolean fits = next.info().sectorCount() == info.sectorCount();
            gone = fits ? gone : another() + sizes(next.info().bytes());
            isCut &= !fits || next.equals(current);
            key = fits ? now.key() : key;
            boolean isTaken = fits && offer(next);
            if (!isTaken && !next.equals(current)) {
                next.close().block();
            }
        } catch (DeviceException | IllegalArgumentException notYet) {
            gone = another() + ", which cannot be opened: " + notYet.getMessage();
        }
    }
}
