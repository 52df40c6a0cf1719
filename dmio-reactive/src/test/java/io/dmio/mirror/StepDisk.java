package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * A disk with a volatile cache whose operations take effect and are answered one by one, when {@link StepWorld} says so: at each of
 * them something may befall the machine. A flush makes durable what was answered before it was submitted.
 */
final class StepDisk implements BlockDevice {

    private final StepWorld world;
    private final DeviceInfo info;
    private final byte[] cached;
    private final byte[] durable;
    private final List<Change> changes = new ArrayList<>(); // answered or not, in the order they took effect
    private final List<InFlight> inFlight = new ArrayList<>();
    private boolean dead;

    /** What has been written and is not durable. */
    private static final class Change {
        private final int at;
        private final byte[] bytes;
        private boolean answered;

        Change(int at, byte[] bytes) {
            this.at = at;
            this.bytes = bytes;
        }
    }

    /** An operation that waits for its turn, with its own reference to its memory. */
    final class InFlight {
        private final BlockOp op;
        private final ByteBuf memory;
        private final MonoSink<Void> sink;
        private final List<Change> hardens;

        InFlight(BlockOp op, ByteBuf memory, MonoSink<Void> sink) {
            this.op = op;
            this.memory = memory;
            this.sink = sink;
            this.hardens = changes.stream().filter(change -> change.answered).toList();
        }

        StepDisk disk() {
            return StepDisk.this;
        }

        BlockOp op() {
            return op;
        }

        /** It fails, and has done nothing. */
        void fail(Errno errno) {
            inFlight.remove(this);
            memory.release();
            sink.error(DeviceException.of(errno, info.name(), op, "as the test says"));
        }

        /** It takes effect, and is answered. */
        void run() {
            inFlight.remove(this);
            Change change = takesEffect();
            memory.release();
            if (change != null) {
                change.answered = true;
            }
            sink.success();
        }

        private @Nullable Change takesEffect() {
            if (op instanceof BlockOp.Read read) {
                memory.setBytes(0, cached, at(read.sector()), memory.capacity());
                return null;
            }
            if (op.kind() == BlockOp.Kind.FLUSH) {
                hardens.stream()
                        .filter(changes::contains)
                        .forEach(StepDisk.this::harden); // but what a newer one has hardened
                changes.removeAll(hardens);
                return null;
            }
            Change change = change();
            System.arraycopy(change.bytes, 0, cached, change.at, change.bytes.length);
            if (op instanceof BlockOp.Write write && write.fua()) {
                // What was written there before must not come up over it.
                changes.stream()
                        .filter(older -> overlaps(older, change))
                        .toList()
                        .forEach(older -> {
                            harden(older);
                            changes.remove(older);
                        });
                harden(change);
            } else {
                changes.add(change);
            }
            return change;
        }

        private Change change() {
            byte[] bytes = new byte[(int) Sectors.toBytes(op.sectorCount())];
            if (op instanceof BlockOp.Write) {
                memory.getBytes(0, bytes);
            }
            return new Change(at(op.sector()), bytes);
        }
    }

    /** What becomes of what is not durable, or has not taken effect, when the machine goes. */
    enum Loss {
        /** Only the process goes; what was in flight was not done. */
        KILLED,
        /** Only the process goes; what was in flight is done all the same. */
        KILLED_LATE,
        /** The power goes, and all that is not durable. */
        ALL,
        /** The power goes, and nothing is lost. */
        NOTHING,
        /** The power goes, and chance decides for each sector. */
        SOME
    }

    StepDisk(StepWorld world, String name, byte[] image) {
        this.world = world;
        this.info = DeviceInfo.of(name, image.length / Sectors.BYTES, "steps")
                .withCapabilities(
                        Set.of(Capability.FLUSH, Capability.FUA, Capability.DISCARD, Capability.WRITE_ZEROES));
        this.cached = image.clone();
        this.durable = image.clone();
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return Mono.create(sink -> {
            Optional<DeviceException> refusal = info.refusal(op);
            if (refusal.isPresent()) {
                sink.error(refusal.get());
            } else if (dead) {
                sink.error(isGone(op)); // so that what is left of its process gives its memory back
            } else {
                InFlight one = new InFlight(op, memoryOf(op).retain(), sink);
                inFlight.add(one);
                world.submitted(one);
            }
        });
    }

    @Override
    public Mono<Void> close() {
        return Mono.empty(); // others use it after that
    }

    /** What a read would see now. */
    byte[] content() {
        return cached.clone();
    }

    private DeviceException isGone(BlockOp op) {
        return DeviceException.of(Errno.ESHUTDOWN, info.name(), op, "the machine is gone");
    }

    /** The machine has gone, and whoever waits is told. */
    void forget() {
        List<InFlight> left = List.copyOf(inFlight);
        inFlight.clear();
        for (InFlight one : left) {
            one.memory.release();
            one.sink.error(isGone(one.op));
        }
    }

    /** The machine is gone; tells what the disk holds then. */
    byte[] gone(Loss loss, SplittableRandom random) {
        dead = true;
        byte[] image = loss == Loss.KILLED || loss == Loss.KILLED_LATE ? cached.clone() : durable.clone();
        if (loss == Loss.NOTHING || loss == Loss.SOME) {
            changes.forEach(change -> put(change, image, loss, random));
        }
        for (InFlight one : inFlight) {
            if (one.op.kind().changes() && loss != Loss.KILLED && loss != Loss.ALL) {
                put(one.change(), image, loss, random);
            }
        }
        return image;
    }

    private static void put(Change change, byte[] image, Loss loss, SplittableRandom random) {
        for (int i = 0; i < change.bytes.length; i += Sectors.BYTES) {
            if (loss != Loss.SOME || random.nextBoolean()) {
                System.arraycopy(change.bytes, i, image, change.at + i, Sectors.BYTES);
            }
        }
    }

    private void harden(Change change) {
        System.arraycopy(change.bytes, 0, durable, change.at, change.bytes.length);
    }

    private static boolean overlaps(Change one, Change other) {
        return one.at < other.at + other.bytes.length && other.at < one.at + one.bytes.length;
    }

    private static int at(long sector) {
        return (int) Sectors.toBytes(sector);
    }

    private static ByteBuf memoryOf(BlockOp op) {
        if (op instanceof BlockOp.Read read) {
            return read.into();
        }
        return op instanceof BlockOp.Write write ? write.from() : Unpooled.EMPTY_BUFFER;
    }
}
