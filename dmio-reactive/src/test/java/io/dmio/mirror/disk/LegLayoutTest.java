package io.dmio.mirror.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.dmio.Sectors;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import java.util.List;
import org.junit.jupiter.api.Test;

class LegLayoutTest {

    private static final int SMALLEST_CHUNK = MirrorOptions.CHUNK_BYTES_MIN / Sectors.BYTES;

    @Test
    void aLegOfExabytesHasItsPlanesAtItsEndWithTheSmallestChunksToo() {
        LegLayout layout = new LegLayout(Sectors.MAX, SMALLEST_CHUNK);
        assertThat(layout.planeUnits()).isGreaterThan(Integer.MAX_VALUE);
        assertThat(layout.unitSector(Planes.COUNT - 1, 0) + layout.planeUnits() * LegLayout.UNIT_SECTORS)
                .isEqualTo(LegLayout.ownerSector(Sectors.MAX));
    }

    @Test
    void tooManyChunksAreRefusedByTheirNumberHoweverLargeTheLegs() {
        MirrorOptions options = MirrorOptions.builder()
                .chunkBytes(MirrorOptions.CHUNK_BYTES_MIN)
                .build();
        List<MemoryDevice> legs = List.of(MemoryDevice.of("a", Sectors.MAX / 8 * 8));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MirrorDevice.create(legs, options).block())
                .withMessageContaining("chunks are more than");
    }
}
