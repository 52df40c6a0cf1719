package io.dmio.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.DeviceInfo;
import io.dmio.IoRegion;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.Patterns;
import java.util.Objects;

/** Devices with patterns, and what the tests of copies ask again and again. */
final class CopyFixture {

    static final long SEED = 7;
    static final int PAGE_SECTORS = 8;

    private CopyFixture() {}

    /** A device that says of each sector where it belongs. */
    static MemoryDevice source(long sectors) {
        MemoryDevice device = MemoryDevice.of("source", sectors);
        device.load(0, Patterns.bytes(0, (int) sectors, SEED));
        return device;
    }

    static MemoryDevice blank(String name, long sectors, int blockBytes) {
        DeviceInfo info = MemoryDevice.of(name, sectors).info().withBlocks(blockBytes, blockBytes);
        return MemoryDevice.of(info);
    }

    /** A service of pieces of one page. */
    static CopyService.Builder onePagePieces() {
        return CopyService.builder().piecePages(1);
    }

    static IoRegion part(BlockDevice device, long sector, long count) {
        return new IoRegion(device, sector, count);
    }

    static CopyResult run(Copy copy) {
        return Objects.requireNonNull(copy.run().block());
    }

    /** Fails unless the sectors are those of the source from {@code from} on. */
    static void assertCopied(MemoryDevice device, long sector, long from, int count) {
        assertThat(device.snapshot(sector, count)).isEqualTo(Patterns.bytes(from, count, SEED));
    }

    static void assertUntouched(MemoryDevice device, long sector, int count) {
        assertThat(device.snapshot(sector, count)).containsOnly(0);
    }

    static void assertIdle(CopyService service) {
        assertThat(service.budget().inUse()).isZero();
        assertThat(service.budget().waiting()).isZero();
        assertThat(service.io().budget().inUse()).isZero();
    }
}
