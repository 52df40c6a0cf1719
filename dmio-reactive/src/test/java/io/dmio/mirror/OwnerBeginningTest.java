package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.testkit.Patterns;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** Starts that bring in legs, where other owners have left their marks on these, or come meanwhile. */
class OwnerBeginningTest extends OwnerFixture {

    private static final Duration LONG = Duration.ofMinutes(10);

    private MirrorOptions.Builder two(String host) {
        return on(host, 1).legsMin(2).equalAlready(true);
    }

    private MirrorOptions.Builder slowBeats(String host) {
        return two(host).owner(OwnerOptions.defaults().withBeat(Duration.ofSeconds(10), 10));
    }

    private void aWriteOnTheLastOneAlone(MirrorOptions.Builder options) {
        MirrorDevice mirror = create(3, options);
        pass(LONG);
        legs.get(0).plan(Fault.errno(Errno.EIO));
        legs.get(1).plan(Fault.errno(Errno.EIO));
        refused(mirror.submit(writeOf(0, 8, 2)), Errno.EIO, "read-only");
        pass(LONG);
        crash(mirror);
    }

    /** Which interval and patience counts is in the mark, and not what the start promises itself. */
    @Test
    void marksOnLegsThatAreOutAreWatchedForAsLongAsTheyAsk() {
        aWriteOnTheLastOneAlone(slowBeats("alpha"));
        List<BlockDevice> all = again(0, 1, 2);
        CompletableFuture<MirrorDevice> opening =
                MirrorDevice.open(all, two("beta").build()).toFuture();
        pass(LONG);
        assertThat(opening).isCompleted();
        assertThat(read(opening.join(), 0, 8)).isEqualTo(Patterns.bytes(0, 8, 2));
    }

    @Test
    void aDegradedStartThatHangsIsRefusedAsSoonAsOneThatWaitsForNoMarks() {
        aWriteOnTheLastOneAlone(two("alpha"));
        List<BlockDevice> last = again(2);
        legs.get(2).plan(Fault.stalled().on(BlockOp.Kind.WRITE).within(SLOTS, 16));
        CompletableFuture<MirrorDevice> opening = MirrorDevice.open(
                        last,
                        two("beta")
                                .degraded(true)
                                .owner(OwnerOptions.defaults().withTakeover())
                                .build())
                .toFuture();
        Duration took = timeOf(() -> refused(Mono.fromFuture(opening), Errno.ETIMEDOUT, "cannot be started without"));
        assertThat(took).isLessThan(Duration.ofSeconds(55));
        legs.get(2).release();
        pass(LONG);
    }

    /** It does not ask for degraded, which would make two owners. */
    @Test
    void aStartThatLosesItsLegsToAnotherWhileItBringsSomeInSaysToWhom() {
        aWriteOnTheLastOneAlone(two("alpha"));
        CompletableFuture<MirrorDevice> opening =
                MirrorDevice.open(again(0, 1, 2), two("beta").build()).toFuture();
        pass(Duration.ofSeconds(15));
        assertThat(opening).isNotDone();
        MirrorOptions other = two("gamma")
                .owner(OwnerOptions.defaults().withTakeover())
                .degraded(true)
                .build();
        MirrorDevice.open(beside(2), other).subscribe();
        refused(Mono.fromFuture(opening), Errno.EBUSY, "by process 1 on host gamma");
    }

    /** It gets its owner's mark meanwhile, which nobody waits for either. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aStartEndsFromWhicheverOperationOnTheOnlyLegThatTakesPartHangs(int count) {
        MirrorDevice mirror = create(count, two("alpha").legsMin(Math.min(count, 2)));
        legs.subList(0, count - 1).forEach(leg -> leg.plan(Fault.errno(Errno.EIO)));
        mirror.submit(writeOf(0, 8, 2)).onErrorComplete().subscribe();
        crash(mirror);
        alive = false;
        List<byte[]> images = disks.stream()
                .map(disk -> disk.snapshot(0, (int) (DATA + METADATA)))
                .toList();
        boolean started = false;
        for (int ops = 0; !started; ops++) {
            IntStream.range(0, count).forEach(i -> disks.get(i).load(0, images.get(i)));
            List<BlockDevice> all =
                    IntStream.range(0, count).mapToObj(i -> again(i).get(0)).toList();
            FaultyDevice leg = legs.get(count - 1);
            leg.plan(Fault.stalled().after(ops));
            CompletableFuture<MirrorDevice> opening =
                    MirrorDevice.open(all, two("alpha").build()).toFuture();
            pass(Duration.ofMinutes(2));
            assertThat(opening).as("from operation %s", ops).isDone();
            started = !opening.isCompletedExceptionally();
            if (started) {
                crash(opening.join());
            }
            leg.plan(FaultPlan.none());
            leg.release();
            pass(Duration.ofSeconds(1));
        }
    }
}
