package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Sectors;
import io.dmio.mirror.disk.LegLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/** A disk with a cache that answers at once, until the power goes before one of its operations. */
final class SmallDisk {

    private final DeviceInfo info;
    private final BooleanSupplier powerGoes; // before a write or a flush
    private final byte[] durable;
    private final byte[] cached;
    private final BitSet dirty = new BitSet(); // pages that are in the cache only
    private final List<MonoSink<Void>> pending = new ArrayList<>(); // when the power went
    private int boot;
    private boolean fails;

    SmallDisk(String name, long sectors, BooleanSupplier powerGoes) {
        this.info = DeviceInfo.of(name, sectors, "small").withCapabilities(Set.of(Capability.FLUSH, Capability.FUA));
        this.powerGoes = powerGoes;
        this.durable = new byte[Math.toIntExact(Sectors.toBytes(sectors))];
        this.cached = durable.clone();
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
            return Mono.defer(() -> {
                if (its == boot && powerGoes.getAsBoolean()) {
                    return Mono.create(pending::add);
                }
                if (fails || its != boot) {
                    return Mono.error(DeviceException.of(Errno.EIO, info.name(), op, "as the history says"));
                }
                run(op);
                return Mono.empty();
            });
        }

        @Override
        public Mono<Void> close() {
            return Mono.empty();
        }
    }

    void fails(boolean now) {
        fails = now;
    }

    boolean fails() {
        return fails;
    }

    /** The power is gone: what is in the cache only is kept, or lost. */
    void cut(boolean keeps) {
        copyDirty(keeps ? cached : durable, keeps ? durable : cached);
        boot++;
        List<MonoSink<Void>> all = List.copyOf(pending);
        pending.clear();
        all.forEach(one ->
                one.error(DeviceException.of(Errno.EIO, info.name(), "the power is gone"))); // so memory comes back
    }

    /** Whether anything is in the cache only. */
    boolean isDirty() {
        return !dirty.isEmpty();
    }

    /** What it holds, to be looked at. */
    byte[] image() {
        return cached;
    }

    byte[] durable() {
        return durable;
    }

    /** Is another disk from now on. */
    void exchange(byte[] image) {
        System.arraycopy(image, 0, durable, 0, durable.length);
        System.arraycopy(image, 0, cached, 0, cached.length);
        dirty.clear();
    }

    private void copyDirty(byte[] from, byte[] to) {
        for (int page = dirty.nextSetBit(0); page >= 0; page = dirty.nextSetBit(page + 1)) {
            int at = page * LegLayout.SLOT_BYTES;
            System.arraycopy(from, at, to, at, Math.min(LegLayout.SLOT_BYTES, to.length - at));
        }
        dirty.clear();
    }

    private void run(BlockOp op) {
        int at = Math.toIntExact(Sectors.toBytes(op.sector()));
        if (op instanceof BlockOp.Read read) {
            read.into().setBytes(0, cached, at, read.into().capacity());
        } else if (op instanceof BlockOp.Write write) {
            write.from().getBytes(0, cached, at, write.from().capacity());
            if (write.fua()) {
                System.arraycopy(cached, at, durable, at, write.from().capacity());
            } else {
                int end = at + write.from().capacity();
                dirty.set(at / LegLayout.SLOT_BYTES, (end - 1) / LegLayout.SLOT_BYTES + 1);
            }
        } else {
            copyDirty(cached, durable);
        }
    }
}
