package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.ForwardingDevice;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.Patterns;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** The only leg with everything, behind which another device may be by now, as where a server was started anew. */
class MirrorStaleTest extends MirrorFixture {

    private static final int ALL = (int) DATA + METADATA;
    private static final Duration SHORT = Duration.ofSeconds(5);

    /** A leg whose server can be lost: then it fails everything until it is there and is pinned again. */
    private static final class Remote extends ForwardingDevice {
        private boolean isThere = true;
        private boolean isStale;

        Remote(BlockDevice behind) {
            super(behind);
        }

        void isLost() {
            isThere = false;
            isStale = true;
        }

        void isThereAgain() {
            isThere = true;
            isStale = false;
        }

        @Override
        public void pin() {
            isStale = !isThere;
        }

        @Override
        public Mono<Void> submit(BlockOp op) {
            return Mono.defer(() -> isStale
                    ? Mono.error(DeviceException.of(Errno.ESTALE, info().name(), op, "another server"))
                    : super.submit(op));
        }
    }

    private final FaultyDevice disk = leg("disk-0");
    private final Remote remote = new Remote(disk);

    private MirrorDevice mirror(MirrorOptions.Builder options, BlockDevice... others) {
        List<BlockDevice> all = new ArrayList<>(List.of(remote));
        all.addAll(List.of(others));
        return watched(get(MirrorDevice.create(all, options.equalAlready(true).build())));
    }

    private MirrorDevice flushed(MirrorOptions.Builder options) {
        MirrorDevice mirror = mirror(options);
        write(mirror, 0, 8, 1);
        get(mirror.submit(new BlockOp.Flush()));
        return mirror;
    }

    private void goesOn(MirrorDevice mirror, long seed) {
        assertThat(read(mirror, 0, 8)).isEqualTo(Patterns.bytes(0, 8, seed));
        write(mirror, 0, 8, seed + 1);
        get(mirror.submit(new BlockOp.Flush()));
        assertThat(read(mirror, 0, 8)).isEqualTo(Patterns.bytes(0, 8, seed + 1));
        assertThat(kinds()).contains(MirrorEvent.Kind.LEG_JOINED);
    }

    @Test
    void theOnlyLegGoesOnWhenItIsBackAndIsWhatItWas() {
        MirrorDevice mirror = flushed(options());
        pass(Duration.ofMinutes(1));
        remote.isLost();
        refused(mirror.submit(new BlockOp.Read(0, Unpooled.buffer(4096))), Errno.ESTALE, "another server");
        pass(SHORT);
        remote.isThere = true;
        pass(SHORT);
        goesOn(mirror, 1);
    }

    @Test
    void theOnlyLegGoesOnWhereItsOwnerHasToFindItsMarkFirst() {
        MirrorDevice mirror = flushed(options().owner(OwnerOptions.defaults()));
        pass(Duration.ofMinutes(1));
        remote.isLost();
        pass(Duration.ofMinutes(2));
        remote.isThere = true;
        pass(SHORT);
        goesOn(mirror, 1);
    }

    @Test
    void whatTheOnlyLegHadNotFlushedWhenItWasLostIsToldByTheNextFlushAndByNoOther() {
        MirrorDevice mirror = flushed(options());
        write(mirror, 0, 8, 2);
        remote.isLost();
        refused(mirror.submit(writeOf(64, 8, 9)), Errno.ESTALE, "another server");
        pass(SHORT);
        remote.isThere = true;
        pass(SHORT);
        refused(mirror.submit(new BlockOp.Flush()), Errno.ESTALE, "disk-0");
        goesOn(mirror, 2);
    }

    /** As a file that is moved away and back. */
    @Test
    void theOnlyLegThatIsTheSameForSureHasForgottenNothing() {
        MirrorDevice mirror = flushed(options());
        write(mirror, 0, 8, 2);
        remote.isLost();
        refused(mirror.submit(new BlockOp.Read(0, Unpooled.buffer(4096))), Errno.ESTALE, "another server");
        pass(Duration.ofMillis(1200)); // after a look at it
        remote.isThereAgain();
        get(mirror.submit(new BlockOp.Flush()));
        pass(SHORT);
        get(mirror.submit(new BlockOp.Flush()));
        assertThat(read(mirror, 0, 8)).isEqualTo(Patterns.bytes(0, 8, 2));
        assertThat(kinds()).doesNotContain(MirrorEvent.Kind.LEG_JOINED);
    }

    @Test
    void theOnlyLegThatComesBackInAnOlderStateGetsNothingUntilTheRightOneIsBack() {
        MirrorDevice mirror = flushed(options());
        byte[] before = disks.get(0).snapshot(0, ALL);
        pass(Duration.ofMinutes(1));
        write(mirror, 0, 8, 2);
        get(mirror.submit(new BlockOp.Flush()));
        byte[] right = disks.get(0).snapshot(0, ALL);
        remote.isLost();
        refused(mirror.submit(new BlockOp.Flush()), Errno.ESTALE, "another server");
        isNotTaken(mirror, before, "in an older state");
        disks.get(0).load(0, right);
        pass(SHORT);
        refused(mirror.submit(new BlockOp.Flush()), Errno.ESTALE, "disk-0");
        goesOn(mirror, 2);
    }

    @Test
    void aCopyOfTheOnlyLegThatHasTheNewestOfTheBitmapAndAnOlderMarkOfItsOwnerIsNotTaken() {
        MirrorDevice mirror = flushed(options().owner(OwnerOptions.defaults()));
        byte[] before = disks.get(0).snapshot(0, ALL);
        pass(Duration.ofMillis(1500));
        write(mirror, 0, 8, 2);
        remote.isLost();
        refused(mirror.submit(new BlockOp.Flush()), Errno.ESTALE, "another server");
        isNotTaken(mirror, before, "in an older state");
        crash(mirror);
    }

    @Test
    void anotherDiskInPlaceOfTheOnlyLegGetsNothing() {
        MirrorDevice mirror = flushed(options());
        remote.isLost();
        refused(mirror.submit(new BlockOp.Flush()), Errno.ESTALE, "another server");
        isNotTaken(mirror, new byte[ALL * 512], "carries no mirror");
        crash(mirror);
    }

    private void isNotTaken(MirrorDevice mirror, byte[] content, String why) {
        disks.get(0).load(0, content);
        remote.isThere = true;
        pass(SHORT);
        CompletableFuture<Void> write = start(mirror, writeOf(0, 8, 7));
        pass(Duration.ofMinutes(1));
        assertThat(write).isCompletedExceptionally();
        assertThat(disks.get(0).snapshot(0, ALL)).isEqualTo(content);
        assertThat(events)
                .filteredOn(event -> event.kind() == MirrorEvent.Kind.LEG_REFUSED)
                .singleElement()
                .satisfies(event -> assertThat(event.message()).contains(why));
    }

    @Test
    void anotherLegComesInOnceTheOnlyOneIsBack() {
        FaultyDevice other = leg(MemoryDevice.of("disk-1", DATA + METADATA));
        MirrorDevice mirror = mirror(options(), other);
        other.plan(Fault.errno(Errno.EIO));
        write(mirror, 0, 8, 1);
        get(mirror.submit(new BlockOp.Flush()));
        remote.isLost();
        refused(mirror.submit(writeOf(64, 8, 9)), Errno.ESTALE, "another server");
        other.plan(FaultPlan.none());
        pass(SHORT);
        remote.isThere = true;
        get(mirror.resync());
        refused(mirror.submit(new BlockOp.Flush()), Errno.ESTALE, "disk-0");
        goesOn(mirror, 1);
        assertThat(status(mirror).isInSync()).isTrue();
        legsAreEqual();
    }
}
