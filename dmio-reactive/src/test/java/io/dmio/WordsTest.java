package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.dmio.device.MemoryDevice;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

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
        assertThatIllegalArgumentException().isThrownBy(() -> info.withBlocks(0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> info.withBlocks(-4096, 4096));
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
    void aRunThatNoLongHoldsIsRefusedLikeAnyOtherBeyondTheEnd() {
        DeviceInfo info = DeviceInfo.of("disk", 80, "test");
        for (long[] run : new long[][] {{Long.MAX_VALUE, 1}, {1, Long.MAX_VALUE}, {Sectors.MAX, Sectors.MAX}}) {
            assertThat(info.refusal(BlockOp.Kind.READ, run[0], run[1])).hasValueSatisfying(no -> {
                assertThat(no.errno()).isEqualTo(Errno.EIO);
                assertThat(no).hasMessageContaining("beyond the device's end at sector 80");
            });
            assertThat(info.extentsRefusal(run[0], run[1])).isPresent();
        }
        assertThat(info.refusal(BlockOp.Kind.READ, Long.MAX_VALUE, 1).orElseThrow())
                .hasMessageContaining("[9223372036854775807, 9223372036854775808)");
        assertThat(info.refusal(BlockOp.Kind.READ, -1, 8).orElseThrow().errno()).isEqualTo(Errno.EINVAL);
        assertThat(info.refusal(BlockOp.Kind.READ, 8, -1).orElseThrow().errno()).isEqualTo(Errno.EINVAL);
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
            assertThat(errno.meaning()).isNotBlank().isEqualTo(Errno.meaning(errno.number()));
        }
        assertThat(Errno.of(9999)).isEqualTo(Errno.EIO);
        assertThat(Errno.meaning(524)).isEqualTo("error number 524, which has no name");
    }

    @Test
    void everyNumberOfLinuxHasItsName() {
        Set<Integer> gaps = Set.of(41, 58); // EWOULDBLOCK and EDEADLOCK elsewhere, here EAGAIN and EDEADLK
        for (int number = 1; number <= 133; number++) {
            int errno = number;
            assertThat(Arrays.stream(Errno.values()).filter(known -> known.number() == errno))
                    .as("error number %d", number)
                    .hasSize(gaps.contains(number) ? 0 : 1);
        }
        // As jnr-constants, which was made from the headers, has them.
        for (jnr.constants.platform.linux.Errno theirs : jnr.constants.platform.linux.Errno.values()) {
            String name = theirs.name();
            if (!Set.of("EWOULDBLOCK", "EDEADLOCK", "ENOTSUP").contains(name)) {
                assertThat(Errno.valueOf(name).number()).as(name).isEqualTo(theirs.intValue());
            }
        }
    }

    @Test
    void aFailureKeepsTheNumberThatHasNoName() {
        DeviceException failure = DeviceException.of(524, "disk", new BlockOp.Flush(), "");
        assertThat(failure.errno()).isEqualTo(Errno.EIO);
        assertThat(failure.number()).isEqualTo(524);
        assertThat(failure).hasMessage("EIO: disk: flush: error number 524, which has no name");
        assertThat(DeviceException.of(24, "disk", "").errno()).isEqualTo(Errno.EMFILE);
        assertThat(DeviceException.of(Errno.EROFS, "disk", "").number()).isEqualTo(30);
    }

    @Test
    @SuppressWarnings("NullAway") // the contract's other side
    void aCauseIsNotNull() {
        assertThatNullPointerException().isThrownBy(() -> ErrorBits.of(1, null)).withMessage("cause");
    }

    @Test
    void stepsThatNobodyAskedForAreNotTakenOnCancel() {
        int[] taken = {0};
        Sectors.steps(100_000, 1)
                .concatMap(step -> Mono.never())
                .doOnDiscard(Long.class, step -> taken[0]++)
                .subscribe()
                .dispose();
        assertThat(taken[0]).as("what was prefetched").isLessThan(100);
    }
}
