package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A disk with a cache. What it is asked for waits in line until everybody has asked who is about to. */
final class SmallDisk {

    private final DeviceInfo info;
    private final SmallLine line;
    private final SmallSectors durable;
    private final SmallSectors cached;
    private int boot;
    private boolean fails;
    private int changes; // it has made since somebody counts
    private SmallEvent.@Nullable Failure coming;

    SmallDisk(String name, Content content, SmallLine line) {
        this(
                DeviceInfo.of(name, content.durable().count(), "small")
                        .withCapabilities(Set.of(Capability.FLUSH, Capability.FUA)),
                content,
                line);
    }

    private SmallDisk(DeviceInfo info, Content content, SmallLine line) {
        this.durable = content.durable().copy();
        this.cached = content.cached().copy();
        this.fails = content.fails();
        this.info = info;
        this.line = line;
    }

    /**
     * What is on a disk.
     *
     * @param durable and stays when the power goes
     * @param cached what is read
     * @param fails whether it answers nothing but errors
     */
    record Content(SmallSectors durable, SmallSectors cached, boolean fails) {

        static Content blank(int sectors) {
            return new Content(new SmallSectors(sectors), new SmallSectors(sectors), false);
        }
    }

    Content content() {
        return new Content(durable.copy(), cached.copy(), fails);
    }

    /** What would be on it if the power went now, and its cache were kept, or lost. */
    Content afterCut(boolean keeps) {
        SmallSectors left = (keeps ? cached : durable).copy();
        return new Content(left, left, fails);
    }

    /** The disk as it would be had it done this already. */
    SmallDisk ahead(BlockOp op) {
        SmallDisk other = new SmallDisk(info, content(), line);
        other.run(op);
        return other;
    }

    /** The disk as it would be had the power gone as it did this. */
    SmallDisk torn(BlockOp.Write write, SmallCut.Ahead how) {
        SmallDisk other = new SmallDisk(info, content(), line);
        how.tear(write, other.cached);
        if (write.fua()) {
            how.tear(write, other.durable);
        }
        return other;
    }

    DeviceInfo info() {
        return info;
    }

    /** What the machine sees of it until the power goes. */
    BlockDevice device() {
        return new Handle(boot);
    }

    private final class Handle implements BlockDevice {
        private final int its;

        Handle(int its) {
            this.its = its;
        }

        @Override
        public DeviceInfo info() {
            return info;
        }

        @Override
        public Mono<Void> submit(BlockOp op) {
            return line.wait(SmallDisk.this, op, () -> {
                if (its == boot) {
                    comes(op);
                }
                if (fails || its != boot) {
                    throw DeviceException.of(Errno.EIO, info.name(), op, "as the history says");
                }
                run(op);
            });
        }

        @Override
        public Mono<Void> close() {
            return Mono.empty();
        }
    }

    // A change counts, and may be the one from which on it fails.
    private void comes(BlockOp op) {
        if (fails || op instanceof BlockOp.Read) {
            return;
        }
        changes++;
        SmallEvent.Failure now = coming;
        if (now != null && changes == now.change()) {
            if (now.isDone()) {
                run(op);
            }
            fails = true;
        }
    }

    /** The changes of disks are counted from here on, and one of the disks may fail at one of them. */
    static void count(List<SmallDisk> disks, SmallEvent.@Nullable Failure then) {
        for (int i = 0; i < disks.size(); i++) {
            disks.get(i).changes = 0;
            disks.get(i).coming = then != null && then.disk() == i ? then : null;
        }
    }

    /** Those that come are none of the event's any more. */
    void countsNoMore() {
        coming = null;
    }

    int changes() {
        return changes;
    }

    void fails(boolean now) {
        fails = now;
    }

    boolean fails() {
        return fails;
    }

    /** Nothing that was begun before gets through any more. */
    void forgets() {
        boot++;
    }

    /** Whether anything is in the cache only. */
    boolean isDirty() {
        return !cached.isSame(durable);
    }

    /** Whether the power has torn nothing in so many sectors: nobody would trust a disk of which a copy was cut. */
    boolean isReadable(int sectors) {
        return durable.isReadable(0, sectors);
    }

    /** What it holds. */
    SmallSectors cached() {
        return cached;
    }

    SmallSectors durable() {
        return durable;
    }

    /** Is another disk from now on. */
    void exchange(SmallSectors image) {
        durable.set(image);
        cached.set(image);
    }

    private void run(BlockOp op) {
        int at = Math.toIntExact(op.sector());
        if (op instanceof BlockOp.Read read) {
            if (!cached.isReadable(at, Math.toIntExact(op.sectorCount()))) {
                throw DeviceException.of(Errno.EIO, info.name(), op, "the power tore it");
            }
            cached.read(at, read.into());
        } else if (op instanceof BlockOp.Write write) {
            cached.write(at, write.from());
            if (write.fua()) {
                durable.write(at, write.from());
            }
        } else {
            durable.set(cached);
        }
    }
}
