package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.device.MemoryDevice;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/** A device tells of what it lost to one flush only, whoever asked for that; users are told of it all the same. */
class MirrorFlushTest extends MirrorFixture {

    private final ForgetfulLeg only = new ForgetfulLeg(disk("only"));

    private MemoryDevice disk(String name) {
        disks.add(MemoryDevice.of(name, DATA + METADATA));
        return disks.get(disks.size() - 1);
    }

    private MirrorDevice flushed(MirrorOptions.Builder options) {
        MirrorDevice mirror = watched(get(MirrorDevice.create(List.of(only), options.build())));
        get(mirror.submit(new BlockOp.Flush()));
        return mirror;
    }

    private static BlockOp.Write forced(long sector, long seed) {
        BlockOp.Write plain = writeOf(sector, 8, seed);
        return new BlockOp.Write(sector, plain.from(), true);
    }

    @Test
    void aLossThatTheFlushOfAForcedWriteMetIsToldToTheNextFlush() {
        only.canForce = false;
        MirrorDevice mirror = flushed(options());
        write(mirror, 0, 8, 1);
        only.losesAtFlush = true;
        refused(mirror.submit(forced(8, 2)), Errno.EIO, "lost");
        refused(mirror.submit(new BlockOp.Flush()), Errno.EIO, "lost");
        get(mirror.submit(new BlockOp.Flush()));
    }

    @Test
    void aLossThatTheBitmapsFlushMetIsToldToTheNextFlush() {
        only.canForce = false;
        MirrorDevice mirror = flushed(options());
        write(mirror, 0, 8, 1);
        only.losesAtFlush = true;
        refused(mirror.submit(writeOf(5L * CHUNK, 8, 2)), Errno.EIO, "lost"); // its chunk is to be dirty first
        refused(mirror.submit(new BlockOp.Flush()), Errno.EIO, "lost");
        get(mirror.submit(new BlockOp.Flush()));
    }

    @Test
    void aLossThatAnOwnersMarkMetIsToldToTheNextFlush() {
        only.canForce = false;
        MirrorDevice mirror = flushed(options().owner(OwnerOptions.defaults()).cleanAfter(Duration.ofHours(1)));
        write(mirror, 0, 8, 1);
        only.losesAtFlush = true;
        pass(Duration.ofMinutes(1));
        assertThat(only.losesAtFlush).isFalse();
        refused(mirror.submit(new BlockOp.Flush()), Errno.EIO, "lost");
        get(mirror.submit(new BlockOp.Flush()));
    }

    @Test
    void aCloseWhoseFlushFailsSaysSo() {
        MirrorDevice mirror = flushed(options());
        write(mirror, 0, 8, 1);
        only.losesAtFlush = true;
        refused(mirror.close(), Errno.EIO, "lost");
        refused(mirror.submit(new BlockOp.Flush()), Errno.ESHUTDOWN, "");
    }

    @Test
    void aCloseTellsOfALossThatNoUserWasToldOf() {
        MirrorDevice mirror = flushed(options());
        write(mirror, 0, 8, 1);
        only.losesAtFlush = true;
        pass(Duration.ofSeconds(30)); // the cleaner flushes
        assertThat(only.losesAtFlush).isFalse();
        refused(mirror.close(), Errno.EIO, "lost");
    }

    @Test
    void aCloseAfterALossThatAUserWasToldOfIsGood() {
        MirrorDevice mirror = flushed(options());
        write(mirror, 0, 8, 1);
        only.losesAtFlush = true;
        refused(mirror.submit(new BlockOp.Flush()), Errno.EIO, "lost");
        get(mirror.close());
    }

    /** Answers flushes when it is told to. */
    private static final class SlowToFlush implements BlockDevice {
        private final BlockDevice disk;
        private final Deque<MonoSink<Void>> flushes = new ArrayDeque<>();
        private boolean holds;

        SlowToFlush(BlockDevice disk) {
            this.disk = disk;
        }

        @Override
        public DeviceInfo info() {
            return disk.info();
        }

        @Override
        public Mono<Void> submit(BlockOp op) {
            return holds && op.kind() == BlockOp.Kind.FLUSH ? Mono.create(flushes::add) : disk.submit(op);
        }

        @Override
        public Mono<Void> close() {
            return disk.close();
        }
    }

    // A device that decides the second first could tell it good before the first, which met a loss, is told.
    @Test
    void aLegFlushesOnceAtATimeAndThoseWhoWaitShareTheNext() {
        SlowToFlush slow = new SlowToFlush(only);
        MirrorDevice mirror =
                watched(get(MirrorDevice.create(List.of(slow), options().build())));
        List<CompletableFuture<Void>> told = threeFlushes(slow, mirror);
        assertThat(slow.flushes).hasSize(1);
        slow.flushes.removeFirst().success();
        pass(Duration.ofMillis(1));
        assertThat(told.get(0)).isCompleted();
        assertThat(told.get(1)).isNotDone();
        assertThat(slow.flushes).hasSize(1);
        slow.flushes.removeFirst().success();
        pass(Duration.ofMillis(1));
        assertThat(told).allMatch(CompletableFuture::isDone).noneMatch(CompletableFuture::isCompletedExceptionally);
    }

    @Test
    void aFlushThatFailsIsToldToAllWhoWait() {
        SlowToFlush slow = new SlowToFlush(only);
        MirrorDevice mirror =
                watched(get(MirrorDevice.create(List.of(slow), options().build())));
        List<CompletableFuture<Void>> told = threeFlushes(slow, mirror);
        slow.flushes.removeFirst().error(DeviceException.of(Errno.EIO, "only", "lost"));
        pass(Duration.ofMillis(1));
        assertThat(told).allMatch(CompletableFuture::isCompletedExceptionally);
        slow.holds = false;
        get(mirror.submit(new BlockOp.Flush()));
    }

    private List<CompletableFuture<Void>> threeFlushes(SlowToFlush slow, MirrorDevice mirror) {
        write(mirror, 0, 8, 1);
        slow.holds = true;
        List<CompletableFuture<Void>> told = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            told.add(start(mirror, new BlockOp.Flush()));
            pass(Duration.ofMillis(1));
        }
        return told;
    }

    @Test
    void aFlushThatNeverEndsDoesNotKeepAMirrorThatHasAnotherLegFromFlushing() {
        SlowToFlush slow = new SlowToFlush(only);
        MirrorDevice mirror = watched(get(MirrorDevice.create(
                List.of(slow, disk("other")), options().equalAlready(true).build())));
        slow.holds = true;
        write(mirror, 0, 8, 1);
        CompletableFuture<Void> first = start(mirror, new BlockOp.Flush());
        CompletableFuture<Void> second = start(mirror, new BlockOp.Flush());
        pass(Duration.ofMinutes(2));
        assertThat(first).isCompleted();
        assertThat(second).isCompleted();
        assertThat(kinds()).contains(MirrorEvent.Kind.LEG_SET_ASIDE);
        List.copyOf(slow.flushes).forEach(MonoSink::success);
    }
}
