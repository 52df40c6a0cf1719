package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.FreshRead;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.OwnerOptions;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A disk that two machines see, each through a page cache of its own: what one writes, the other must not miss. */
class SharedDiskTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int SECTOR_BYTES = 512;
    private static final long SECTORS = 16 << 11; // 16 MiB
    private static final int PAGE_SECTORS = Sectors.PAGE_BYTES / Sectors.BYTES;
    private static final MirrorOptions.Builder HASTY =
            MirrorOptions.builder().owner(OwnerOptions.defaults().withBeat(Duration.ofMillis(250), 6));

    @ParameterizedTest
    @CsvSource({"posix, false", "posix, true", "uring, false", "uring, true"})
    void aFreshReadSeesWhatWasWrittenThroughAnotherCache(String engine, boolean direct) {
        try (LoopDevice here = LoopDevice.attach(Sectors.toBytes(SECTORS), SECTOR_BYTES);
                LoopDevice there = here.onAnotherMachine(SECTOR_BYTES)) {
            BlockDevice reads = open(engine, here, direct);
            BlockDevice writes = open(engine, there, direct);
            ByteBuf block = PagePool.shared().allocate(Sectors.PAGE_BYTES);
            try {
                for (long sector : new long[] {0, SECTORS / 2 + 8, SECTORS - PAGE_SECTORS}) {
                    for (byte written = 1; written <= 3; written++) {
                        fill(block, written);
                        writes.submit(new BlockOp.Write(sector, block, true)).block(PATIENCE);
                        fill(block, (byte) 0);
                        reads.submit(new BlockOp.Read(sector, block))
                                .contextWrite(FreshRead::ask)
                                .block(PATIENCE);
                        assertThat(block.getByte(0)).isEqualTo(written);
                        assertThat(block.getByte(Sectors.PAGE_BYTES - 1)).isEqualTo(written);
                    }
                }
            } finally {
                block.release();
                close(reads, writes);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"posix, false", "posix, true", "uring, false", "uring, true"})
    void aMirrorIsRefusedWhileAnotherMachineHasItWhateverTheCacheRemembers(String engine, boolean direct) {
        try (LoopDevice here = LoopDevice.attach(Sectors.toBytes(SECTORS), SECTOR_BYTES);
                LoopDevice there = here.onAnotherMachine(SECTOR_BYTES)) {
            BlockDevice first = open(engine, here, direct);
            BlockDevice second = open(engine, there, direct);
            try {
                MirrorDevice owner = MirrorDevice.create(List.of(first), HASTY.build())
                        .blockOptional(PATIENCE)
                        .orElseThrow();
                assertThatExceptionOfType(DeviceException.class)
                        .isThrownBy(() -> MirrorDevice.open(List.of(second), HASTY.build())
                                .block(PATIENCE))
                        .satisfies(refused -> assertThat(refused.errno()).isEqualTo(Errno.EBUSY));
                owner.close().block(PATIENCE);
                MirrorDevice.open(List.of(second), HASTY.build())
                        .flatMap(MirrorDevice::close)
                        .block(PATIENCE);
            } finally {
                close(first, second);
            }
        }
    }

    private static BlockDevice open(String engine, LoopDevice loop, boolean direct) {
        IoEngine by = engine.equals("posix") ? IoEngines.posix() : UringHere.shared();
        return by.open(loop.path(), OpenOptions.readWrite().withDirect(direct))
                .blockOptional(PATIENCE)
                .orElseThrow();
    }

    private static void fill(ByteBuf block, byte value) {
        for (int i = 0; i < block.capacity(); i++) {
            block.setByte(i, value);
        }
    }

    private static void close(BlockDevice... devices) {
        BlockDevice.closeAll(List.of(devices)).block(PATIENCE);
    }
}
