package io.dmio.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceInfo;
import io.dmio.Sectors;
import io.dmio.testkit.Patterns;
import io.netty.buffer.Unpooled;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a test sees of a device in memory, and puts on it, behind a caller's back. */
class MemoryDeviceContentTest {

    private static final int SLAB_SECTORS = SparseMemory.SLAB_BYTES / Sectors.BYTES;

    private final MemoryDevice device = MemoryDevice.of("memory", 1000);

    private static void refused(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClosedDeviceIsNeitherLoadedNorLookedInto(boolean direct) {
        MemoryDevice closed = direct ? MemoryDevice.direct(device.info()) : device;
        closed.load(0, new byte[512]);
        closed.close().block();
        List<ThrowingCallable> calls =
                List.of(() -> closed.load(0, new byte[512]), () -> closed.snapshot(0, 1), () -> closed.sha256(0, 1));
        calls.forEach(call -> assertThatThrownBy(call)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("MemoryDevice[memory, 1000 sectors] is closed"));
        assertThat(closed.allocatedBytes()).isZero();
        assertThat(closed.info()).isEqualTo(device.info());
    }

    @Test
    void whatIsNotInsideTheDeviceIsRefusedAndNothingIsTouched() {
        for (long sector : new long[] {-1, Long.MIN_VALUE, 1001, Sectors.MAX, Long.MAX_VALUE}) {
            refused(() -> device.snapshot(sector, 1));
            refused(() -> device.load(sector, new byte[512]));
            refused(() -> device.sha256(sector, 1));
        }
        for (int count : new int[] {-1, Integer.MIN_VALUE, 1001, Integer.MAX_VALUE}) {
            refused(() -> device.snapshot(0, count));
            refused(() -> device.sha256(0, count));
        }
        refused(() -> device.sha256(0, Long.MAX_VALUE));
        refused(() -> device.load(0, new byte[511]));
        refused(() -> device.load(999, new byte[1024]));
        MemoryDevice large = MemoryDevice.of("large", 1L << 40);
        refused(() -> large.snapshot(0, 1 << 22)); // 2 GiB
        refused(() -> MemoryDevice.of("negative", -1));
        assertThat(device.allocatedBytes()).isZero();
        assertThat(device.snapshot(1000, 0)).isEmpty();
        device.load(1000, new byte[0]);
    }

    @Test
    @SuppressWarnings("NullAway") // that is what is tested
    void nullsAreRefusedAtOnce() {
        List<ThrowingCallable> calls = List.of(
                () -> MemoryDevice.of(null, 8),
                () -> MemoryDevice.of(null),
                () -> MemoryDevice.direct(null),
                () -> device.submit(null),
                () -> device.load(0, null));
        calls.forEach(call -> assertThatThrownBy(call).isInstanceOf(NullPointerException.class));
    }

    @Test
    void aDeviceThatIsNotDescribedCanDoEverything() {
        DeviceInfo info = device.info();
        assertThat(List.of(info.logicalBlockBytes(), info.physicalBlockBytes(), info.transferBytesMax()))
                .containsExactly(512, 512, 1 << 20);
        assertThat(info.capabilities()).isEqualTo(EnumSet.complementOf(EnumSet.of(Capability.READ_ONLY)));
        assertThat(device.sha256(0, 1000))
                .isEqualTo(MemoryDevice.of("other", 1000).sha256(0, 1000));
    }

    @Test
    void memoryIsTakenByTheFirstWriteIntoEachSlabOnly() {
        device.snapshot(0, 1000);
        device.submit(new BlockOp.Read(0, Unpooled.buffer(512, 512))).block();
        device.submit(new BlockOp.Discard(0, 1000)).block();
        assertThat(device.allocatedBytes()).isZero();
        device.load(SLAB_SECTORS - 1, new byte[512]);
        device.load(0, new byte[512]);
        assertThat(device.allocatedBytes()).isEqualTo(SparseMemory.SLAB_BYTES);
        device.load(SLAB_SECTORS, new byte[512]);
        assertThat(device.allocatedBytes()).isEqualTo(2 * SparseMemory.SLAB_BYTES);
        device.submit(new BlockOp.Discard(0, SLAB_SECTORS)).block();
        assertThat(device.allocatedBytes()).isEqualTo(SparseMemory.SLAB_BYTES);
    }

    @Test
    void operationsAreDoneOnTheSubscribingThreadBeforeSubscribeReturns() {
        List<String> told = new ArrayList<>();
        device.submit(new BlockOp.Write(0, Unpooled.wrappedBuffer(Patterns.bytes(0, 1, 1)), false))
                .subscribe(
                        none -> {},
                        error -> {},
                        () -> told.add(Thread.currentThread().getName()));
        assertThat(told).containsExactly(Thread.currentThread().getName());
        assertThat(device.snapshot(0, 1)).isEqualTo(Patterns.bytes(0, 1, 1));
    }

    @Test
    void aDigestIsTheSha256OfTheBytes() throws NoSuchAlgorithmException {
        device.load(100, Patterns.bytes(100, 300, 1));
        for (int count : new int[] {0, 1, SLAB_SECTORS, SLAB_SECTORS + 1, 400}) {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(device.snapshot(99, count));
            assertThat(device.sha256(99, count))
                    .isEqualTo(HexFormat.of().formatHex(digest))
                    .hasSize(64);
        }
    }
}
