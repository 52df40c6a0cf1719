package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.Extent;
import io.dmio.Extent.Kind;
import io.dmio.testkit.DeviceFixture;
import io.dmio.testkit.Seed;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is told of a file's holes, held against what a read there finds. */
class FileExtentsTest extends DeviceFixture {

    private static final int SECTORS = 4096;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void aHoleIsToldOnlyWhereAReadFindsZeroes() {
        BlockDevice device = create("file");
        write(device, 1024, filled(64 << 10, 1));
        assumeTrue(kinds(device).contains(Kind.HOLE), "the file system tells no holes");
        assertThat(device.extents(0, SECTORS).block(PATIENCE))
                .containsExactly(
                        new Extent(0, 1024, Kind.HOLE),
                        new Extent(1024, 128, Kind.DATA),
                        new Extent(1152, SECTORS - 1152, Kind.HOLE));
    }

    @Test
    @ExtendWith(Seed.class)
    void whatLiesPastATruncatedEndIsNoHole(SplittableRandom random) throws IOException {
        for (int round = 0; round < 20; round++) {
            isNoHolePast(random.nextInt(SECTORS * 512), "file" + round);
        }
    }

    private void isNoHolePast(long cut, String name) throws IOException {
        BlockDevice device = create(name);
        write(device, 1024, filled(64 << 10, 1));
        try (FileChannel file = FileChannel.open(directory.resolve(name), StandardOpenOption.WRITE)) {
            file.truncate(cut);
        }
        for (Extent extent : device.extents(0, SECTORS).blockOptional(PATIENCE).orElseThrow()) {
            long end = (extent.sector() + extent.sectorCount()) * 512;
            if (extent.kind() == Kind.HOLE) {
                assertThat(end).as("cut at byte %d: %s", cut, extent).isLessThanOrEqualTo(cut);
            }
        }
        long first = cut / 512; // the first sector that is not whole any more
        refuses(device, new BlockOp.Read(first, memory(512)), Errno.EIO);
        assertThat(device.extents(first, SECTORS - first).block(PATIENCE))
                .containsExactly(new Extent(first, SECTORS - first, Kind.DATA));
    }

    private List<Kind> kinds(BlockDevice device) {
        List<Kind> kinds = new ArrayList<>();
        device.extents(0, SECTORS).blockOptional(PATIENCE).orElseThrow().forEach(extent -> kinds.add(extent.kind()));
        return kinds;
    }

    private BlockDevice create(String name) {
        return tracked(IoEngines.posix()
                .open(directory.resolve(name), OpenOptions.readWrite().withCreate(SECTORS * 512L))
                .blockOptional(PATIENCE)
                .orElseThrow());
    }
}
