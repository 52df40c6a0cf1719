package io.dmio.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import reactor.test.StepVerifier;

/** Devices and memory for one test, which are closed and released after it; each buffer must then be held by the test alone. */
public abstract class DeviceFixture {

    /** How long a test waits for a device before it fails. */
    protected static final Duration PATIENCE = Duration.ofMinutes(3);

    private final List<BlockDevice> devices = new ArrayList<>();
    private final List<ByteBuf> buffers = new ArrayList<>();

    /** Closes the devices before the end of the test; for a subclass that removes what they depend on. */
    protected final void closeDevices() {
        devices.forEach(device -> device.close().block(PATIENCE));
        devices.clear();
    }

    @AfterEach
    void nothingIsLeft() {
        closeDevices();
        try {
            // Newest first: a composite holds its parts.
            for (int i = buffers.size() - 1; i >= 0; i--) {
                ByteBuf buffer = buffers.get(i);
                assertThat(buffer.refCnt()).as("references of %s", buffer).isEqualTo(1);
                buffer.release();
            }
        } finally {
            buffers.clear();
        }
    }

    /** Registers a device to be closed after the test, and returns it. */
    protected final BlockDevice tracked(BlockDevice device) {
        devices.add(device);
        return device;
    }

    /** Registers a buffer to be released after the test, and returns it. */
    protected final ByteBuf owned(ByteBuf buffer) {
        buffers.add(buffer);
        return buffer;
    }

    /** Returns page-aligned memory, released after the test. */
    protected final ByteBuf memory(int bytes) {
        return owned(PagePool.shared().allocate(bytes)).setZero(0, bytes);
    }

    /** Returns page-aligned memory with content that depends on the seed, readable from 0 to its capacity. */
    protected final ByteBuf filled(int bytes, long seed) {
        byte[] content = new byte[bytes];
        new Random(seed).nextBytes(content);
        return memory(bytes).setBytes(0, content).setIndex(0, bytes);
    }

    /** Returns memory of several parts that do not touch each other; content by seed, or zeroes for seed 0. */
    protected final ByteBuf composite(int parts, int partBytes, long seed) {
        ByteBuf whole = seed == 0 ? memory(parts * partBytes) : filled(parts * partBytes, seed);
        ByteBuf spread = memory(parts * 2 * partBytes);
        CompositeByteBuf composite = new CompositeByteBuf(UnpooledByteBufAllocator.DEFAULT, true, parts);
        owned(composite);
        for (int i = 0; i < parts; i++) {
            int at = i * 2 * partBytes;
            spread.setBytes(at, whole, i * partBytes, partBytes);
            composite.addComponent(true, spread.retainedSlice(at, partBytes));
        }
        return composite;
    }

    /** Returns the device's block in sectors. */
    protected static int block(BlockDevice device) {
        return device.info().logicalBlockBytes() / Sectors.BYTES;
    }

    /** Returns the device's block in bytes. */
    protected static int blockBytes(BlockDevice device) {
        return device.info().logicalBlockBytes();
    }

    /** Returns all bytes of a buffer, whatever its indexes say; in one access, which leak detection in paranoia records. */
    protected static byte[] all(ByteBuf buffer) {
        byte[] bytes = new byte[buffer.capacity()];
        buffer.getBytes(0, bytes);
        return bytes;
    }

    /** Runs an operation, or fails the test. */
    protected static void run(BlockDevice device, BlockOp op) {
        device.submit(op).block(PATIENCE);
    }

    /** Writes all of a buffer. */
    protected static void write(BlockDevice device, long sector, ByteBuf from) {
        run(device, new BlockOp.Write(sector, from, false));
    }

    /** Reads into new memory, readable from 0 to its capacity. */
    protected final ByteBuf read(BlockDevice device, long sector, int bytes) {
        ByteBuf into = memory(bytes);
        run(device, new BlockOp.Read(sector, into));
        return into.setIndex(0, bytes);
    }

    /** Expects that an operation is refused with an errno. */
    protected static void refuses(BlockDevice device, BlockOp op, Errno errno) {
        StepVerifier.create(device.submit(op))
                .expectErrorSatisfies(error -> assertThat(error)
                        .isInstanceOfSatisfying(
                                DeviceException.class,
                                refusal -> assertThat(refusal.errno()).isEqualTo(errno)))
                .verify(PATIENCE);
    }

    /** Runs an operation if the device can, else expects EOPNOTSUPP. */
    protected static boolean runOrRefused(BlockDevice device, BlockOp op, Capability needed) {
        if (device.info().can(needed)) {
            run(device, op);
            return true;
        }
        refuses(device, op, Errno.EOPNOTSUPP);
        return false;
    }

    /** Checks that everything outside the sectors is as before. */
    protected static void neighboursOf(ByteBuf after, ByteBuf before, int sector, int count) {
        int from = sector * Sectors.BYTES;
        int to = from + count * Sectors.BYTES;
        assertThat(all(after.slice(0, from))).isEqualTo(all(before.slice(0, from)));
        assertThat(all(after.slice(to, after.capacity() - to)))
                .isEqualTo(all(before.slice(to, before.capacity() - to)));
    }

    /** Returns whether the sectors hold only zeroes. */
    protected static boolean zeroes(ByteBuf bytes, int sector, int count) {
        return bytes.forEachByte(sector * Sectors.BYTES, count * Sectors.BYTES, value -> value == 0) < 0;
    }
}
