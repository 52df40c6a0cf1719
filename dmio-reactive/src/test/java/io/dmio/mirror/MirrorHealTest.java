package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.disk.Planes;
import io.dmio.mirror.disk.Superblock;
import io.dmio.testkit.Patterns;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Writes that put a bad or different range right, and fail themselves: what they leave is not read, whatever happens next. */
class MirrorHealTest extends MirrorFixture {

    /** A leg of which some sectors cannot be read, and writes to data leave garbage. */
    private static final class Rotten implements BlockDevice {
        private final MemoryDevice disk;
        private boolean readsFail;
        private boolean writesFail;
        private Runnable beforeWrites = () -> {};
        private long writesFailFrom = Long.MAX_VALUE;

        Rotten(MemoryDevice disk) {
            this.disk = disk;
        }

        @Override
        public DeviceInfo info() {
            return disk.info();
        }

        @Override
        public Mono<Void> submit(BlockOp op) {
            boolean data = op.kind() != BlockOp.Kind.FLUSH && op.sector() < DATA;
            if (readsFail && data && op.kind() == BlockOp.Kind.READ) {
                return Mono.error(DeviceException.of(Errno.EIO, disk.info().name(), op, "rotten"));
            }
            if (op.kind() == BlockOp.Kind.WRITE && op.sector() < CHUNK) {
                beforeWrites.run();
            }
            if (op.kind() == BlockOp.Kind.WRITE && op.sector() >= writesFailFrom) {
                return Mono.error(DeviceException.of(Errno.EIO, disk.info().name(), op, "rotten"));
            }
            if (writesFail && data && op.kind() == BlockOp.Kind.WRITE) {
                byte[] garbage = Patterns.bytes(op.sector(), (int) op.sectorCount(), 666);
                return disk.submit(new BlockOp.Write(op.sector(), Unpooled.wrappedBuffer(garbage), false))
                        .then(Mono.error(
                                DeviceException.of(Errno.EIO, disk.info().name(), op, "rotten")));
            }
            return disk.submit(op);
        }

        @Override
        public Mono<Void> close() {
            return Mono.empty();
        }
    }

    private final MemoryDevice good = MemoryDevice.of("good", DATA + 152);
    private final MemoryDevice bad = MemoryDevice.of("bad", DATA + 152);
    private final Rotten rotten = new Rotten(bad);
    private final Rotten sound = new Rotten(good);
    private boolean copiesOneChunkAtATime;

    private MirrorDevice clean() {
        disks.add(good);
        disks.add(bad);
        MirrorDevice mirror = watched(get(MirrorDevice.create(
                List.of(sound, rotten),
                options()
                        .equalAlready(true)
                        .settings(
                                small -> small.syncBytesInFlight = copiesOneChunkAtATime ? 0 : small.syncBytesInFlight)
                        .build())));
        write(mirror, 0, 64, 1);
        pass(Duration.ofSeconds(10)); // nothing is dirty
        return mirror;
    }

    private void failsToHeal(MirrorDevice mirror) {
        failsToHeal(mirror, 0);
    }

    private void failsToHeal(MirrorDevice mirror, long from) {
        rotten.readsFail = true;
        rotten.writesFail = true;
        for (int i = 0; i < 4; i++) {
            assertThat(read(mirror, from + 8, 8)).isEqualTo(Patterns.bytes(from + 8, 8, 1));
        }
        assertThat(status(mirror).legs().get(1).state()).isEqualTo(LegState.FAILED);
        rotten.readsFail = false;
        rotten.writesFail = false;
    }

    @Test
    void aLegThatFailedToBeHealedLacksThatRangeWhenItIsBack() {
        MirrorDevice mirror = clean();
        failsToHeal(mirror);
        get(mirror.resync());
        legsAreEqual();
    }

    @Test
    void aLegInThePlaceOfOneThatFailedToBeHealedLacksThatRangeUntilItIsCopied() {
        copiesOneChunkAtATime = true;
        MirrorDevice mirror = clean();
        rotten.writesFail = true;
        write(mirror, 0, 8, 2);
        rotten.writesFail = false;
        get(mirror.resync()); // it has come in once, as the other one will have
        write(mirror, 40L * CHUNK, 64, 1);
        pass(Duration.ofSeconds(10));
        failsToHeal(mirror, 40L * CHUNK);
        get(mirror.remove(1));
        FaultyDevice fresh = leg("fresh");
        fresh.plan(Fault.stalled().within(0, DATA));
        assertThat(get(mirror.add(fresh))).isEqualTo(1);
        CompletableFuture<ScrubReport> scrub = mirror.scrub(ScrubMode.CHECK).toFuture();
        pass(Duration.ofSeconds(1)); // it is beyond the chunk
        fresh.plan(FaultPlan.none());
        fresh.release();
        pass(Duration.ofSeconds(10));
        assertThat(scrub)
                .isCompletedWithValueMatching(report -> report.mismatches().isEmpty());
    }

    @Test
    void itLacksItAfterACrashToo() {
        MirrorDevice mirror = clean();
        failsToHeal(mirror);
        crash(mirror);
        MirrorDevice opened = get(
                MirrorDevice.open(List.of(new Rotten(good), rotten), options().build()));
        get(opened.resync());
        legsAreEqual();
    }

    // The power may go between the write that leaves garbage and anything that is written because of it.
    @Test
    void thatALegLacksTheChunkIsDurableBeforeAHealWritesThere() {
        MirrorDevice mirror = clean();
        List<Boolean> lacked = watchRepairs();
        rotten.readsFail = true;
        for (int i = 0; i < 4; i++) {
            assertThat(read(mirror, 8, 8)).isEqualTo(Patterns.bytes(8, 8, 1));
        }
        rotten.readsFail = false;
        assertThat(lacked).isNotEmpty().containsOnly(true);
        assertThat(status(mirror).legs().get(1).state()).isEqualTo(LegState.IN_SYNC);
        pass(Duration.ofSeconds(10));
        assertThat(lacksOnRecord()).isFalse();
        legsAreEqual();
    }

    @Test
    void thatALegLacksTheChunkIsDurableBeforeAScrubRepairsIt() {
        MirrorDevice mirror = clean();
        bad.load(16, Patterns.bytes(16, 1, 5)); // differs
        List<Boolean> lacked = watchRepairs();
        get(mirror.scrub(ScrubMode.repairFrom(0)));
        assertThat(lacked).isNotEmpty().containsOnly(true);
        pass(Duration.ofSeconds(10));
        assertThat(lacksOnRecord()).isFalse();
        legsAreEqual();
    }

    @Test
    void aRepairIsOverThoughTheBitmapCouldNotBeWrittenForAWhile() {
        MirrorDevice mirror = clean();
        bad.load(16, Patterns.bytes(16, 1, 5)); // differs
        rotten.beforeWrites = () -> sound.writesFailFrom = mirror.info().sectorCount(); // from the repair on
        CompletableFuture<ScrubReport> scrub =
                mirror.scrub(ScrubMode.repairFrom(0)).toFuture();
        pass(Duration.ofSeconds(30));
        assertThat(scrub).isNotDone();
        rotten.beforeWrites = () -> {};
        sound.writesFailFrom = Long.MAX_VALUE;
        pass(Duration.ofMinutes(2));
        assertThat(scrub).isCompletedWithValueMatching(report -> report.sectorsRepaired() == 1);
        get(mirror.resync());
        legsAreEqual();
    }

    private List<Boolean> watchRepairs() {
        List<Boolean> lacked = new ArrayList<>();
        rotten.beforeWrites = () -> lacked.add(lacksOnRecord());
        return lacked;
    }

    private boolean lacksOnRecord() {
        Superblock mark = get(LegDisk.read(good)).mark();
        Planes planes = new Planes(mark.membership().mirror(), mark.membership().chunkCount());
        LegDisk.blank(good).readPlanes(planes, CHUNK).block();
        return planes.get(Planes.stale(1), 0);
    }

    @Test
    void aLegThatFailedToBeRepairedLacksThatRange() {
        MirrorDevice mirror = clean();
        bad.load(16, Patterns.bytes(16, 1, 5)); // differs
        rotten.writesFail = true;
        get(mirror.scrub(ScrubMode.repairFrom(0)));
        rotten.writesFail = false;
        get(mirror.resync());
        legsAreEqual();
    }
}
