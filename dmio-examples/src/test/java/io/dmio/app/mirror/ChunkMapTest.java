package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.ScrubMode;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The chunks of a mirror as a picture. */
class ChunkMapTest {

    private static final MirrorOptions OPTIONS = MirrorOptions.builder()
            .chunkBytes(MirrorOptions.CHUNK_BYTES_MIN)
            .equalAlready(true)
            .build();
    private static final int CHUNK = MirrorOptions.CHUNK_BYTES_MIN / 512;

    private MemoryDevice second = MemoryDevice.of("b", OPTIONS.legSectors(10L * CHUNK));
    private MirrorDevice mirror = create(second);

    private static MirrorDevice create(MemoryDevice leg) {
        MemoryDevice first = MemoryDevice.of("a", leg.info().sectorCount());
        return Objects.requireNonNull(
                MirrorDevice.create(List.of(first, leg), OPTIONS).block());
    }

    @AfterEach
    void close() {
        mirror.close().block();
    }

    private Map<String, Object> map() {
        return Objects.requireNonNull(new ChunkMap(mirror).json().block());
    }

    @Test
    void whatIsWrittenAndWhatDiffersIsInItByRuns() {
        assertThat(map()).containsEntry("chunksPerCell", 1L).containsEntry("runs", List.of(map().get("chunks"), 0L));
        byte[] sector = new byte[512];
        sector[0] = 1;
        second.submit(new BlockOp.Write(7L * CHUNK, Unpooled.wrappedBuffer(sector), false))
                .block();
        mirror.scrub(ScrubMode.CHECK).block();
        mirror.submit(new BlockOp.Write(3L * CHUNK, Unpooled.wrappedBuffer(sector), false))
                .block();
        long chunks = (Long) Objects.requireNonNull(map().get("chunks"));
        assertThat(map()).containsEntry("runs", List.of(3L, 0L, 1L, 1L, 3L, 0L, 1L, 4L, chunks - 8, 0L));
        mirror.scrub(ScrubMode.repairFrom(0)).block();
        assertThat(String.valueOf(map().get("runs")))
                .as("what differed is repaired")
                .doesNotContain(" 4");
    }

    @Test
    void aMirrorOfMoreChunksThanCellsHasSeveralInEach() {
        mirror.close().block();
        second = MemoryDevice.of("b", OPTIONS.legSectors((ChunkMap.CELLS_MAX * 2L + 5) * CHUNK));
        mirror = create(second);
        byte[] sector = new byte[512];
        mirror.submit(new BlockOp.Write(4L * CHUNK, Unpooled.wrappedBuffer(sector), false))
                .block();
        Map<String, Object> map = map();
        assertThat(map).containsEntry("chunksPerCell", 3L);
        assertThat(String.valueOf(map.get("runs"))).startsWith("[1, 0, 1, 1, ");
    }
}
