package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.testkit.Patterns;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Another machine makes a device a leg of its own, and gives it back, between two looks of the first one: it keeps what it holds. */
class OwnerAddTest extends OwnerFixture {

    private static final long MARK = LegLayout.ownerSector(DATA + METADATA);
    private static final int UNIT = LegLayout.UNIT_SECTORS;

    private FaultyDevice stalledAtItsMark() {
        FaultyDevice fresh = leg("fresh");
        fresh.plan(Fault.stalled().on(BlockOp.Kind.READ).within(MARK, UNIT));
        return fresh;
    }

    /** The other machine's mirror, with all that anybody was told is durable. */
    private void becomesAnothers(int disk, boolean overwrite) {
        MirrorDevice other = get(MirrorDevice.create(
                beside(disk), on("beta", 2).overwrite(overwrite).build()));
        write(other, 0, 8, 7);
        get(other.close());
    }

    private void isAnothersStill(int disk) {
        Duration took = timeOf(() -> {
            MirrorDevice other =
                    get(MirrorDevice.open(beside(disk), on("gamma", 3).build()));
            assertThat(read(other, 0, 8)).isEqualTo(Patterns.bytes(0, 8, 7));
            get(other.close());
        });
        assertThat(took).as("nobody's mark is on it").isLessThan(Duration.ofSeconds(1));
    }

    private static void goesOn(FaultyDevice leg) {
        leg.plan(FaultPlan.none());
        leg.release();
    }

    @Test
    void anAddIsRefused() {
        MirrorDevice mirror = create(1);
        FaultyDevice fresh = stalledAtItsMark();
        CompletableFuture<Integer> adding = mirror.add(fresh).toFuture();
        pass(Duration.ofMillis(100));
        becomesAnothers(1, false);
        goesOn(fresh);
        refused(Mono.fromFuture(adding), Errno.EEXIST, "carries a mirror since it was looked at");
        isAnothersStill(1);
        assertThat(status(mirror).legs()).hasSize(1);
        get(mirror.close());
    }

    @Test
    void aReplaceIsRefused() {
        MirrorDevice mirror = create(2);
        FaultyDevice fresh = stalledAtItsMark();
        CompletableFuture<Integer> replacing = mirror.replace(1, fresh).toFuture();
        pass(Duration.ofMillis(100));
        becomesAnothers(2, false);
        goesOn(fresh);
        refused(Mono.fromFuture(replacing), Errno.EEXIST, "carries a mirror since it was looked at");
        isAnothersStill(2);
        assertThat(status(mirror).isInSync()).isTrue();
        get(mirror.close());
    }

    /** The mark that tells of it cannot be read for a while. */
    @Test
    void aCreateIsRefused() {
        FaultyDevice first = leg("disk-0");
        FaultyDevice second = leg("disk-1");
        first.plan(Fault.stalled().on(BlockOp.Kind.READ).within(MARK, UNIT).after(1)); // when both were found blank
        CompletableFuture<MirrorDevice> creating =
                MirrorDevice.create(legs, options().build()).toFuture();
        pass(Duration.ofMillis(100));
        becomesAnothers(1, false);
        second.plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.READ).within(MARK, UNIT));
        goesOn(first);
        refused(Mono.fromFuture(creating), Errno.EEXIST, "carries a mirror already");
        MirrorDevice other = get(MirrorDevice.open(beside(1), on("gamma", 3).build()));
        assertThat(read(other, 0, 8)).isEqualTo(Patterns.bytes(0, 8, 7));
        get(other.close());
    }

    /** It may have been held up for longer than a mark that does not move any more keeps others away. */
    @Test
    void aRemovedLegIsNotWiped() {
        MirrorDevice mirror = create(2, options().equalAlready(true).legDeadline(Duration.ofMinutes(1)));
        FaultyDevice leaves = legs.get(1);
        leaves.plan(Fault.stalled().on(BlockOp.Kind.READ).within(MARK, UNIT));
        CompletableFuture<Void> removing = mirror.remove(1).toFuture();
        assertThat(removing).isNotDone();
        becomesAnothers(1, true);
        goesOn(leaves);
        get(Mono.fromFuture(removing));
        isAnothersStill(1);
        get(mirror.close());
    }
}
