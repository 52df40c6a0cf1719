package io.dmio.device;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceException;
import io.dmio.DeviceGate;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Extent;
import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A device in memory, as the kernel's brd (drivers/block/brd.c). Sparse: memory is taken in slabs of 64 KiB by the first write
 * into each, so a device of 2<sup>40</sup> sectors is fine; what was never written, or was discarded, reads as zeroes.
 *
 * <p>Operations are done on the subscribing thread before {@code subscribe} returns. Every sector is read and written whole;
 * two overlapping writes at the same time may each win some of the slabs. Flush and FUA have nothing to do. Memory lives until
 * {@link #close}. Operations are checked by {@link DeviceInfo#refusal(BlockOp)} and otherwise fail only for a lack of memory
 * (ENOMEM): wrap the device in a {@link FaultyDevice} for other failures.
 */
public final class MemoryDevice implements BlockDevice {

    private static final int DIGEST_SECTORS = SparseMemory.SLAB_BYTES / Sectors.BYTES;

    private final DeviceInfo info;
    private final SparseMemory memory;
    private final DeviceGate gate;

    private MemoryDevice(DeviceInfo info, boolean direct) {
        this.info = Objects.requireNonNull(info, "info");
        this.memory = new SparseMemory(direct);
        this.gate = new DeviceGate(memory::free);
    }

    /**
     * Returns a writable device in heap memory, with 512-byte blocks, transfers up to 1 MiB, and all capabilities.
     *
     * @param name for messages
     * @param sectorCount size in sectors
     * @return the device, all zeroes
     */
    public static MemoryDevice of(String name, long sectorCount) {
        return of(DeviceInfo.of(name, sectorCount, "memory")
                .withCapabilities(EnumSet.complementOf(EnumSet.of(Capability.READ_ONLY))));
    }

    /**
     * Returns a device in heap memory that promises what its description says.
     *
     * @param info the description: size, blocks, transfer limit, capabilities
     * @return the device, all zeroes
     */
    public static MemoryDevice of(DeviceInfo info) {
        return new MemoryDevice(info, false);
    }

    /**
     * Returns the same in direct memory, outside the heap; it must be closed to be freed.
     *
     * @param info the description: size, blocks, transfer limit, capabilities
     * @return the device, all zeroes
     */
    public static MemoryDevice direct(DeviceInfo info) {
        return new MemoryDevice(info, true);
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        Objects.requireNonNull(op, "op");
        return new DoneInline(() -> done(op));
    }

    @Override
    public Mono<List<Extent>> extents(long sector, long sectorCount) {
        return Mono.fromCallable(() -> {
            if (!gate.enter()) {
                throw DeviceException.of(Errno.ESHUTDOWN, info.name(), "");
            }
            try {
                Optional<DeviceException> refused = info.extentsRefusal(sector, sectorCount);
                if (refused.isPresent()) {
                    throw refused.get();
                }
                return memory.extents(sector, sectorCount);
            } finally {
                gate.exit();
            }
        });
    }

    @Override
    public Mono<Void> close() {
        return gate.close();
    }

    /**
     * Copies what the device holds, past all checks but the end: for tests that look behind a caller's back.
     *
     * @param sector the first sector
     * @param sectorCount how many; at most 2 GiB fit an array
     * @return the bytes of those sectors
     * @throws IllegalArgumentException if they are not inside the device, or too many
     * @throws IllegalStateException after close
     */
    public byte[] snapshot(long sector, int sectorCount) {
        long length = checkedBytes(sector, sectorCount);
        if (length > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(sectorCount + " sectors are more than an array of bytes holds");
        }
        return inside(() -> content(sector, (int) length));
    }

    /**
     * Puts bytes on the device, past all checks but the end: for filling a read-only device, or for changing one behind a
     * caller's back.
     *
     * @param sector the first sector
     * @param bytes whole sectors
     * @throws IllegalArgumentException if they are not whole sectors inside the device
     * @throws IllegalStateException after close
     */
    public void load(long sector, byte[] bytes) {
        checkedBytes(sector, Sectors.ofBytes(bytes.length));
        inside(() -> {
            memory.write(Sectors.toBytes(sector), Unpooled.wrappedBuffer(bytes), 0, bytes.length);
            return bytes;
        });
    }

    /**
     * Returns the digest of a range, by which devices can be compared.
     *
     * @param sector the first sector
     * @param sectorCount how many
     * @return SHA-256 in 64 hexadecimal digits
     * @throws IllegalArgumentException if they are not inside the device
     * @throws IllegalStateException after close
     */
    public String sha256(long sector, long sectorCount) {
        checkedBytes(sector, sectorCount);
        MessageDigest digest = newDigest();
        return inside(() -> {
            for (long at = sector; at < sector + sectorCount; at += DIGEST_SECTORS) {
                long count = Math.min(DIGEST_SECTORS, sector + sectorCount - at);
                digest.update(content(at, (int) Sectors.toBytes(count)));
            }
            return HexFormat.of().formatHex(digest.digest());
        });
    }

    /**
     * Returns how much memory the content takes.
     *
     * @return bytes; 0 after close
     */
    public long allocatedBytes() {
        return memory.allocatedBytes();
    }

    @Override
    public String toString() {
        return "MemoryDevice[" + info.name() + ", " + info.sectorCount() + " sectors]";
    }

    /** Performs an operation and returns its failure, or null: whatever is thrown is this operation's failure, even a lack of memory. */
    private @Nullable DeviceException done(BlockOp op) {
        if (!gate.enter()) {
            return DeviceException.of(Errno.ESHUTDOWN, info.name(), op, "");
        }
        try {
            run(op);
            return null;
        } catch (Throwable thrown) {
            return DeviceException.wrap(info.name(), op, thrown);
        } finally {
            gate.exit();
        }
    }

    private void run(BlockOp op) {
        Optional<DeviceException> refusal = info.refusal(op);
        if (refusal.isPresent()) {
            throw refusal.get();
        }
        long at = Sectors.toBytes(op.sector());
        switch (op.kind()) {
            case READ -> read(at, ((BlockOp.Read) op).into());
            case WRITE -> write(at, ((BlockOp.Write) op).from());
            case FLUSH -> {} // what is written is as durable as it gets
            case DISCARD, WRITE_ZEROES -> memory.clear(at, Sectors.toBytes(op.sectorCount()));
        }
    }

    private void read(long at, ByteBuf into) {
        into.retain();
        try {
            memory.read(at, into, 0, into.capacity());
        } finally {
            into.release();
        }
    }

    private void write(long at, ByteBuf from) {
        from.retain();
        try {
            memory.write(at, from, 0, from.capacity());
        } finally {
            from.release();
        }
    }

    private byte[] content(long sector, int length) {
        byte[] bytes = new byte[length];
        memory.read(Sectors.toBytes(sector), Unpooled.wrappedBuffer(bytes), 0, length);
        return bytes;
    }

    /** Does something that a close waits for. */
    private <T> T inside(Supplier<T> work) {
        if (!gate.enter()) {
            throw new IllegalStateException(this + " is closed, and holds nothing");
        }
        try {
            return work.get();
        } finally {
            gate.exit();
        }
    }

    private long checkedBytes(long sector, long count) {
        if (Sectors.end(sector, count) > info.sectorCount()) {
            throw new IllegalArgumentException(
                    "sectors [" + sector + ", " + (sector + count) + ") are not inside " + this);
        }
        return Sectors.toBytes(count);
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
