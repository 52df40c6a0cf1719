package io.dmio.copy;

import static io.dmio.copy.CopyFixture.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Extent;
import io.dmio.IoRegion;
import io.dmio.copy.CopyOptions.Sparse;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.Patterns;
import io.dmio.testkit.Seed;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Mono;

/** What the source's device knows to be a hole is not read. */
@ExtendWith(Seed.class)
class CopyHolesTest {

    private static final long TERABYTES_8 = 8L << 40 >> 9;

    private final CopyService service = CopyService.builder().piecePages(4).build();

    /** Tells of one extent at a time, as a device may, or of none at all. */
    private record BriefDevice(MemoryDevice device, SplittableRandom random) implements BlockDevice {

        @Override
        public DeviceInfo info() {
            return device.info();
        }

        @Override
        public Mono<Void> submit(BlockOp op) {
            return device.submit(op);
        }

        @Override
        public Mono<List<Extent>> extents(long sector, long sectorCount) {
            return switch (random.nextInt(8)) {
                case 0 -> Mono.error(DeviceException.of(Errno.EIO, "brief", "does not tell"));
                case 1 -> Mono.empty();
                default ->
                    device.extents(sector, sectorCount).map(all -> all.subList(0, 1 + random.nextInt(all.size())));
            };
        }

        @Override
        public Mono<Void> close() {
            return device.close();
        }
    }

    @Test
    void ofALargeSourceWithLittleInItOnlyThatIsRead() {
        MemoryDevice behind = MemoryDevice.of("source", TERABYTES_8);
        behind.load(TERABYTES_8 / 2 + 40, Patterns.bytes(40, 8, 7));
        FaultyDevice source = FaultyDevice.of(behind);
        MemoryDevice skips = MemoryDevice.of("skips", TERABYTES_8);

        CopyResult skipped = run(
                service.copy(IoRegion.all(source), List.of(IoRegion.all(skips)), CopyOptions.NONE.with(Sparse.SKIP)));

        assertThat(skipped.isComplete()).isTrue();
        assertThat(skipped.bytesDone()).isEqualTo(TERABYTES_8 << 9);
        assertThat(source.ops(BlockOp.Kind.READ)).isLessThan(100); // what is in memory comes in slabs
        assertThat(skips.snapshot(TERABYTES_8 / 2 + 40, 8)).isEqualTo(behind.snapshot(TERABYTES_8 / 2 + 40, 8));
    }

    @Test
    void aHoleIsPunchedIntoADestinationThatHeldSomethingThere() {
        FaultyDevice source = FaultyDevice.of(MemoryDevice.of("source", 1 << 16));
        MemoryDevice leg = MemoryDevice.of("leg", 1 << 16);
        leg.load(0, Patterns.bytes(0, 1 << 12, 9));
        run(service.copy(IoRegion.all(source), List.of(IoRegion.all(leg)), CopyOptions.NONE.with(Sparse.PUNCH)));
        assertThat(source.ops(BlockOp.Kind.READ)).isZero();
        assertThat(leg.snapshot(0, 1 << 12)).containsOnly(0);
    }

    @Test
    void whateverTheDeviceTellsTheCopyIsWhatTheSourceHolds(SplittableRandom random) {
        for (int round = 0; round < 60; round++) {
            int block = 512 << random.nextInt(4);
            int sectors = block / 512 * (1 + random.nextInt(300));
            MemoryDevice behind = CopyFixture.blank("source", sectors, 512);
            for (int i = random.nextInt(6); i > 0; i--) {
                int from = random.nextInt(sectors);
                behind.load(from, Patterns.bytes(from, 1 + random.nextInt(sectors - from), 7));
            }
            MemoryDevice leg = CopyFixture.blank("leg", sectors, block);
            boolean punch = random.nextBoolean();
            if (punch) {
                leg.load(0, Patterns.bytes(0, sectors, 99));
            }
            Copy copy = service.copy(
                    IoRegion.all(new BriefDevice(behind, random)),
                    List.of(IoRegion.all(leg)),
                    CopyOptions.NONE.with(punch ? Sparse.PUNCH : Sparse.SKIP));
            CopyResult result = run(copy);
            assertThat(result.isComplete()).isTrue();
            assertThat(result.bytesDone()).isEqualTo(sectors * 512L);
            assertThat(leg.snapshot(0, sectors)).as("round %d", round).isEqualTo(behind.snapshot(0, sectors));
        }
    }
}
