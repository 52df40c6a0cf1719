package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Planes;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
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
    void whetherItWouldStartIsToldAsAStartTellsItAndChangesNothing() {
        MirrorDevice mirror = create(2);
        write(mirror, 0, 8, 1);
        crash(mirror);
        String before = sums();
        assertThat(MirrorStatus.requireStartable(again(0, 1)).blockOptional()).isEmpty();
        refused(MirrorStatus.requireStartable(again(0)), Errno.ENODEV, "may have taken writes alone");
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

    @Test
    void chunksTellWhatIsBeingWrittenAndWhichLegsLackIt() {
        MirrorDevice mirror = create(3);
        assertThat(get(mirror.chunks(0, DATA))).containsExactly(new ChunkRun(0, DATA, false, false, 0));
        write(mirror, 2L * CHUNK, 8, 1);
        legs.get(1).plan(FaultPlan.of(Fault.errno(Errno.EIO)));
        write(mirror, 5L * CHUNK - 4, 8, 1); // in two chunks; leg 1 is out from here on, and lacks all that is dirty
        List<ChunkRun> runs = get(mirror.chunks(CHUNK + 3, 9L * CHUNK));
        assertThat(runs)
                .containsExactly(
                        new ChunkRun(CHUNK + 3, CHUNK - 3, false, false, 0),
                        new ChunkRun(2L * CHUNK, CHUNK, true, false, 2),
                        new ChunkRun(3L * CHUNK, CHUNK, false, false, 0),
                        new ChunkRun(4L * CHUNK, 2L * CHUNK, true, false, 2),
                        new ChunkRun(6L * CHUNK, 4L * CHUNK + 3, false, false, 0));
        assertThat(runs).extracting(ChunkRun::status).containsExactly(0, 2 << 16 | 1, 0, 2 << 16 | 1, 0);
        get(mirror.submit(new BlockOp.Flush()));
        pass(Duration.ofMinutes(1)); // the others are flushed, and clean again
        assertThat(get(mirror.chunks(2L * CHUNK, 1))).containsExactly(new ChunkRun(2L * CHUNK, 1, false, false, 2));
        legs.get(1).plan(FaultPlan.none());
        get(mirror.resync());
        assertThat(get(mirror.chunks(0, DATA))).containsExactly(new ChunkRun(0, DATA, false, false, 0));
        get(mirror.close());
    }

    @Test
    void aChunkThatIsBeingCopiedIsToldApartFromThoseAroundIt() {
        MirrorDevice mirror = create(2, options().equalAlready(true).resyncBytesPerSecond(1, 1));
        legs.get(1).plan(FaultPlan.of(Fault.errno(Errno.EIO)));
        for (long chunk = 3; chunk < 43; chunk += 10) {
            write(mirror, chunk * CHUNK, 10 * CHUNK, 1);
        }
        get(mirror.submit(new BlockOp.Flush()));
        pass(Duration.ofSeconds(30)); // clean again; leg 1 lacks them
        legs.get(1).plan(FaultPlan.none());
        mirror.resync().subscribe();
        pass(Duration.ofSeconds(1)); // it is back, and each byte takes a second
        List<ChunkRun> runs = get(mirror.chunks(0, DATA));
        assertThat(runs)
                .containsExactly(
                        new ChunkRun(0, 3L * CHUNK, false, false, 0),
                        new ChunkRun(3L * CHUNK, CHUNK, false, false, 2), // is copied, but that is not on record yet
                        new ChunkRun(4L * CHUNK, 39L * CHUNK, false, true, 2),
                        new ChunkRun(43L * CHUNK, 21L * CHUNK, false, false, 0));
        assertThat(runs).extracting(ChunkRun::status).containsExactly(0, 2 << 16, 2 << 16 | 2, 0);
        crash(mirror);
    }

    @Test
    void chunksOfALongRangeAreToldInSeveralAnswers() {
        Planes planes = new Planes(new UUID(1, 2), 3 * ChunkRuns.RUNS_MAX);
        for (int chunk = 0; chunk < 3 * ChunkRuns.RUNS_MAX; chunk += 2) {
            planes.set(Planes.stale(15), chunk);
        }
        List<ChunkRun> runs = new ChunkRuns(planes, CHUNK, 0, new BitSet()).of(1, 3L * ChunkRuns.RUNS_MAX * CHUNK - 1);
        assertThat(runs).hasSize(ChunkRuns.RUNS_MAX);
        assertThat(runs.get(0)).isEqualTo(new ChunkRun(1, CHUNK - 1, false, false, 1 << 15));
        assertThat(runs.get(0).status()).isEqualTo(1 << 31);
        assertThat(runs.get(ChunkRuns.RUNS_MAX - 1))
                .isEqualTo(new ChunkRun((ChunkRuns.RUNS_MAX - 1L) * CHUNK, CHUNK, false, false, 0));
    }

    @Test
    void chunksOutsideOfTheMirrorAreRefused() {
        MirrorDevice mirror = create(1);
        assertThat(get(mirror.chunks(DATA - 1, 1))).hasSize(1);
        for (long[] range : new long[][] {{-1, 1}, {0, 0}, {DATA, 1}, {DATA - 1, 2}, {1, Long.MAX_VALUE}}) {
            assertThatThrownBy(() -> mirror.chunks(range[0], range[1])).isInstanceOf(IllegalArgumentException.class);
        }
        get(mirror.close());
    }

    private String sums() {
        return disks.stream()
                .map(disk -> disk.sha256(0, disk.info().sectorCount()))
                .toList()
                .toString();
    }
}
