package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.MemoryDevice;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is known of a mirror that nobody has open, and how large its legs must be. */
class MirrorStatusTest extends MirrorFixture {

    @Test
    void aMirrorThatWasClosedInGoodOrderIsInSyncOnDisk() {
        MirrorDevice mirror = create(2);
        write(mirror, 0, 8, 1);
        get(mirror.close());
        MirrorStatus onDisk = get(MirrorStatus.inspect(again(0, 1)));
        assertThat(onDisk.isInSync()).isTrue();
        assertThat(onDisk.dirtyChunks()).isZero();
        assertThat(onDisk.sectorCount()).isEqualTo(DATA);
        assertThat(onDisk.line()).isEqualTo("2 disk-0 disk-1 64/64 1 AA 1 core");
    }

    @Test
    void lookingChangesNothing() {
        MirrorDevice mirror = create(2);
        write(mirror, 0, 8, 1);
        crash(mirror);
        String before = sums();
        MirrorStatus onDisk = get(MirrorStatus.inspect(again(0, 1)));
        assertThat(onDisk.dirtyChunks()).isOne();
        assertThat(get(MirrorStatus.inspect(again(0))).legs())
                .extracting(LegStatus::state)
                .containsExactly(LegState.IN_SYNC, LegState.MISSING);
        assertThat(sums()).isEqualTo(before);
    }

    @Test
    void aLegThatWasDroppedLacksWhatWasWrittenSince() {
        MirrorDevice mirror = create(2);
        legs.get(1).plan(FaultPlan.of(Fault.errno(Errno.EIO)));
        write(mirror, 0, 8, 1);
        write(mirror, 5L * CHUNK, 8, 1);
        get(mirror.close());
        MirrorStatus onDisk = get(MirrorStatus.inspect(again(0, 1)));
        assertThat(onDisk.isInSync()).isFalse();
        assertThat(onDisk.staleChunks()).isEqualTo(2);
        assertThat(onDisk.legs().get(1).state()).isEqualTo(LegState.FAILED);
        assertThat(onDisk.line()).isEqualTo("2 disk-0 disk-1 62/64 1 AD 1 core");
    }

    @Test
    void aForeignDeviceIsRefusedByName() {
        get(create(2).close());
        leg("stranger");
        refused(MirrorStatus.inspect(again(0, 2)), Errno.EINVAL, "stranger: carries no mirror");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 7, 8, 9, 128, 1 << 21, (1 << 21) + 1, 1L << 31, 1L << 33, 1L << 40})
    void aLegOfTheAdvisedSizeHoldsTheDataAndOneAPageSmallerDoesNot(long data) {
        MirrorSettings settings = new MirrorSettings();
        long leg = MirrorOptions.defaults().legSectors(data);
        assertThat(LegLayout.room(leg, settings.chunkSectors(leg))).isGreaterThanOrEqualTo(data);
        long smaller = leg - LegLayout.UNIT_SECTORS;
        assertThat(LegLayout.room(smaller, settings.chunkSectors(smaller))).isLessThan(data);
    }

    @Test
    void aMirrorOfTheAdvisedSizeCanBeMade() {
        long size = MirrorOptions.defaults().legSectors(2048);
        MirrorDevice mirror = get(MirrorDevice.create(
                List.of(leg(MemoryDevice.of("a", size))),
                MirrorOptions.builder().clock(() -> clock).build()));
        assertThat(mirror.info().sectorCount()).isEqualTo(2048);
        get(mirror.close());
    }

    private String sums() {
        return disks.stream()
                .map(disk -> disk.sha256(0, disk.info().sectorCount()))
                .toList()
                .toString();
    }
}
