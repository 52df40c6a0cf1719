package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockDevice;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Planes;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Numbers at their ends, and words as they are told. */
class MirrorLimitsTest extends MirrorFixture {

    @Test
    void aTebibyteTakesLittleMemoryAtTheDefaultChunk() {
        long sectors = (1L << 40) / 512;
        int chunk = MirrorOptions.defaults().settings().chunkSectors(sectors);
        assertThat(sectors / chunk).isEqualTo(1 << 16);
        // Bits of 17 planes in memory and on record, sequences of 17 planes, and a count of writes a chunk.
        long bytes =
                Planes.COUNT * (2 * (sectors / chunk) / 8 + ((sectors / chunk) / 3968 + 8) * 8) + (sectors / chunk) * 2;
        assertThat(bytes).isLessThan(1 << 20);
    }

    @Test
    void aChunkIsBusyHoweverManyWritesAreInFlight() {
        ChunkTable chunks = new ChunkTable(new Planes(new UUID(1, 2), 4), 4, 8, new ChunkTable.Marking(0, 1));
        for (int i = 0; i < 1 << 16; i++) {
            chunks.begin(1, 1, 0);
        }
        assertThat(chunks.isBusy(1)).isTrue();
    }

    @Test
    void timesThatNoTimerTakesAreRefused() {
        Duration forever = ChronoUnit.FOREVER.getDuration();
        assertThatThrownBy(() -> options().legDeadline(forever)).hasMessageContaining("at most a year");
        assertThatThrownBy(() -> options().cleanAfter(forever)).hasMessageContaining("at most a year");
        assertThatThrownBy(() -> options().probeAfter(Duration.ofDays(400 * 365), forever))
                .hasMessageContaining("at most a year");
    }

    @Test
    void aLongestPauseThatIsShorterThanTheFirstIsRefused() {
        Duration second = Duration.ofSeconds(1);
        assertThatThrownBy(() -> options().probeAfter(second, second.minusNanos(1)))
                .hasMessageContaining("less than the first");
        options().probeAfter(second, second);
    }

    @Test
    void aMirrorGrowsByWholeBlocksOfItsLegs() {
        DeviceInfo blocks = MemoryDevice.of("disk", 2 * DATA + METADATA).info().withBlocks(4096, 4096);
        leg(MemoryDevice.of("disk", 2 * DATA + METADATA));
        leg(MemoryDevice.of("small", DATA + METADATA));
        List<BlockDevice> both = List.of(Described.as(legs.get(0), blocks), legs.get(1));
        MirrorDevice mirror = get(MirrorDevice.create(both, options().build()));
        get(mirror.resync());
        get(mirror.remove(1));
        get(mirror.close());
        List<BlockDevice> left = List.of(Described.as(again(0).get(0), blocks));
        assertThatThrownBy(() -> get(MirrorDevice.grow(left, DATA + 1, options().build())))
                .hasMessageContaining("whole number of blocks of 4096 bytes");
        assertThat(get(MirrorDevice.grow(left, DATA + 8, options().build()))
                        .info()
                        .sectorCount())
                .isEqualTo(DATA + 8);
    }

    @Test
    void aMirrorGrowsToNoMoreChunksThanANewOneMayHave() {
        long most = (long) MirrorOptions.CHUNKS_MAX * CHUNK;
        leg(MemoryDevice.of("large", 40 * most));
        get(MirrorDevice.create(legs, options().sectorCount(DATA).build()).flatMap(MirrorDevice::close));
        for (long sectors : List.of(most, 1L << 36, Long.MAX_VALUE)) {
            assertThatThrownBy(() ->
                            get(MirrorDevice.grow(again(0), sectors, options().build())))
                    .hasRootCauseInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("chunks are more than");
        }
        get(MirrorDevice.open(again(0), options().build()).flatMap(MirrorDevice::close));
    }

    @Test
    void aLegForNoDataHasNoSize() {
        assertThatThrownBy(() -> options().build().legSectors(0)).hasMessageContaining("dataSectors 0");
    }

    @Test
    void anEmptyDeviceIsTooSmallForALeg() {
        refused(MirrorStatus.inspect(List.of(MemoryDevice.of("empty", 0))), Errno.ENOSPC, "too small for a leg");
    }

    @Test
    void aLegWhoseTransfersAreTooShortForTheMetadataIsRefused() {
        leg("short");
        DeviceInfo tooShort = disks.get(0).info().withTransferBytesMax(2048);
        assertThatThrownBy(() -> LegDisk.usable(Described.as(disks.get(0), tooShort)))
                .hasMessageContaining("transfers of 2048 bytes");
    }

    @Test
    void aBlankInALegsNameDoesNotBreakTheLine() {
        leg("a disk");
        leg("");
        MirrorDevice mirror =
                get(MirrorDevice.create(legs, options().equalAlready(true).build()));
        assertThat(status(mirror).line()).startsWith("2 a_disk - 64/64 ");
    }

    @Test
    void aMirrorThatHasGrownSaysSo() {
        MirrorDevice mirror = create(1);
        get(mirror.close());
        MemoryDevice larger = MemoryDevice.of("larger", 2 * DATA + (Planes.COUNT + 2L) * LegLayout.UNIT_SECTORS);
        leg(larger);
        MirrorDevice opened = open(options(), 0);
        get(opened.replace(0, legs.get(1)));
        get(opened.close());
        MirrorDevice grown =
                get(MirrorDevice.grow(again(1), Long.MAX_VALUE, options().build()));
        assertThat(status(grown).lastEvents()).extracting(MirrorEvent::kind).contains(MirrorEvent.Kind.GROWN);
        get(grown.close());
        for (long sectors : List.of(Long.MAX_VALUE, grown.info().sectorCount())) { // as one whose first try was killed
            MirrorDevice again =
                    get(MirrorDevice.grow(again(1), sectors, options().build()));
            assertThat(again.info().sectorCount()).isEqualTo(grown.info().sectorCount());
            assertThat(status(again).lastEvents())
                    .extracting(MirrorEvent::kind)
                    .contains(MirrorEvent.Kind.STARTED)
                    .doesNotContain(MirrorEvent.Kind.GROWN);
            get(again.close());
        }
        assertThatThrownBy(() -> get(MirrorDevice.grow(again(1), DATA, options().build())))
                .hasMessageContaining("is less than the");
    }
}
