package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.dmio.device.MemoryDevice;
import io.netty.buffer.Unpooled;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Regions, sectors, device descriptions and operations: a bad one cannot be built. */
class WordsTest {

    private final BlockDevice disk = MemoryDevice.of("disk", 1L << 40);

    @Test
    void aRegionHoldsAddressesBeyondTwoTebibytes() {
        IoRegion region = new IoRegion(disk, (1L << 32) + 8, 1L << 33);

        assertThat(region.end()).isEqualTo(12_884_901_896L);
        assertThat(region.bytes()).isEqualTo(4_398_046_511_104L);
    }

    @Test
    void negativeOrOverflowingRegionsCannotBeBuilt() {
        assertThatIllegalArgumentException().isThrownBy(() -> new IoRegion(disk, -1, 8));
        assertThatIllegalArgumentException().isThrownBy(() -> new IoRegion(disk, 8, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> new IoRegion(disk, Long.MAX_VALUE, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new IoRegion(disk, Sectors.MAX, 1));
        assertThat(new IoRegion(disk, Sectors.MAX - 1, 1).end()).isEqualTo(Sectors.MAX);
    }

    @Test
    void aSliceStaysInsideItsRegion() {
        IoRegion region = new IoRegion(disk, 100, 10);

        assertThat(region.slice(2, 8)).isEqualTo(new IoRegion(disk, 102, 8));
        assertThat(region.slice(10, 0).count()).isZero();
        assertThatIllegalArgumentException().isThrownBy(() -> region.slice(3, 8));
        assertThatIllegalArgumentException().isThrownBy(() -> region.slice(-1, 2));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 511, 513, 1023, -512, Long.MIN_VALUE})
    void bytesThatAreNotWholeSectorsAreRefused(long bytes) {
        assertThatIllegalArgumentException().isThrownBy(() -> Sectors.ofBytes(bytes));
    }

    @Test
    void sectorsConvertAtTheEdgesOfThirtyTwoAndSixtyFourBits() {
        assertThat(Sectors.ofBytes(1L << 41)).isEqualTo(1L << 32);
        assertThat(Sectors.toBytes(1L << 32)).isEqualTo(1L << 41);
        assertThat(Sectors.toBytes(Sectors.MAX)).isEqualTo(Long.MAX_VALUE / 512 * 512);
        assertThatIllegalArgumentException().isThrownBy(() -> Sectors.toBytes(Sectors.MAX + 1));
        assertThat(Sectors.pagesOf(0)).isZero();
        assertThat(Sectors.pagesOf(1)).isEqualTo(1);
        assertThat(Sectors.pagesOf(4096)).isEqualTo(1);
        assertThat(Sectors.pagesOf(4097)).isEqualTo(2);
    }

    @Test
    void aDeviceOfOddSizeOrBlocksCannotBeDescribed() {
        DeviceInfo info = DeviceInfo.of("odd", 9, "test");

        assertThatIllegalArgumentException().isThrownBy(() -> info.withBlocks(4096, 4096));
        assertThatIllegalArgumentException().isThrownBy(() -> info.withBlocks(1000, 1000));
        assertThatIllegalArgumentException().isThrownBy(() -> info.withBlocks(512, 256));
        assertThatIllegalArgumentException().isThrownBy(() -> info.withTransferBytesMax(0));
        assertThatIllegalArgumentException().isThrownBy(() -> info.withTransferBytesMax(1000));
        assertThatIllegalArgumentException().isThrownBy(() -> info.withMemoryAlignmentBytes(3));
    }

    @Test
    void refusalsSayWhatIsWrongAndWhatWouldBeRight() {
        DeviceInfo info = DeviceInfo.of("/dev/sdx", 80, "test").withBlocks(4096, 4096);

        assertThat(info.refusal(BlockOp.Kind.READ, 3, 8)).hasValueSatisfying(no -> {
            assertThat(no.errno()).isEqualTo(Errno.EINVAL);
            assertThat(no)
                    .hasMessage("EINVAL: /dev/sdx: read of sectors [3, 11): sector 3 is not a multiple of the device's"
                            + " 4096-byte block (8 sectors)");
        });
        assertThat(info.refusal(BlockOp.Kind.WRITE, 72, 16)).hasValueSatisfying(no -> {
            assertThat(no.errno()).isEqualTo(Errno.ENOSPC);
            assertThat(no).hasMessageContaining("beyond the device's end at sector 80");
        });
        assertThat(info.refusal(BlockOp.Kind.READ, 72, 16).orElseThrow().errno())
                .isEqualTo(Errno.EIO);
        assertThat(info.refusal(BlockOp.Kind.READ, 72, 8)).isEmpty();
        assertThat(info.refusal(BlockOp.Kind.DISCARD, 0, 8).orElseThrow().errno())
                .isEqualTo(Errno.EOPNOTSUPP);
        assertThat(info.withCapabilities(Set.of(Capability.READ_ONLY))
                        .refusal(BlockOp.Kind.WRITE, 0, 8)
                        .orElseThrow()
                        .errno())
                .isEqualTo(Errno.EROFS);
    }

    @Test
    void anOperationOfPartSectorsCannotBeBuilt() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BlockOp.Write(0, Unpooled.wrappedBuffer(new byte[100]), false));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BlockOp.Read(-1, Unpooled.wrappedBuffer(new byte[512])));
        assertThatIllegalArgumentException().isThrownBy(() -> new BlockOp.Discard(0, -1));
    }

    @Test
    void everyErrnoIsFoundByItsNumberAndAnUnknownOneIsEio() {
        for (Errno errno : Errno.values()) {
            assertThat(Errno.of(errno.number())).isEqualTo(errno);
        }
        assertThat(Errno.of(9999)).isEqualTo(Errno.EIO);
    }
}
