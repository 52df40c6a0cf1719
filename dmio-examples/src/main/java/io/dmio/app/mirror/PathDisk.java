package io.dmio.app.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceCall;
import io.dmio.DeviceException;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.dmio.app.cli.FileId;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * A disk. It goes on whatever its path names, as names of disks come and go; the kernel tells when a disk is gone. But a disk that was
 * plugged in again has another number, which a name in {@code /dev/disk} then stands for. So if somebody asked for a {@link #pin}, and the
 * open disk does not answer, the disk that the path then names is opened, and used from the next pin on.
 */
final class PathDisk extends PathDevice {

    private static final Duration ANSWER = Duration.ofSeconds(2);

    private volatile boolean isAsked; // a pin asked whether it is still the same disk

    PathDisk(FileId found, Supplier<BlockDevice> opener) {
        super(found, opener);
    }

    @Override
    public synchronized void pin() {
        super.pin();
        isAsked = true;
    }

    @Override
    void look(FileId now) {
        if (now.kind() != FileId.Kind.BLOCK_DEVICE) {
            return; // its name is gone for now
        }
        if (isSame(now) && isThere()) {
            tellLength(DiskSize.bytes(now) - info().bytes());
        } else if (isAsked && isWithoutFresh()) {
            isAsked = false; // until somebody asks again
            if (isSame(now) || !answers()) {
                reopen(now);
            }
        }
    }

    @Override
    String another() {
        return "another disk is there now";
    }

    /** Returns whether what is open can be read at its end, where a disk that is gone has nothing. */
    private boolean answers() {
        ByteBuf sector = PagePool.shared().allocate(Sectors.PAGE_BYTES);
        try {
            long last = info().sectorCount() - Sectors.PAGE_BYTES / Sectors.BYTES;
            DeviceCall.of(current(), new BlockOp.Read(last, sector)).block(ANSWER);
            return true;
        } catch (DeviceException gone) {
            return false;
        } catch (IllegalStateException hangs) {
            return true; // it may, or may do late what it was asked for
        } finally {
            sector.release();
        }
    }
}
