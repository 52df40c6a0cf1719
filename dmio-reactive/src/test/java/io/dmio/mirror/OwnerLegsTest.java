package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.mirror.disk.LegLayout;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Which legs carry their owner's mark, and when. */
class OwnerLegsTest extends OwnerFixture {

    @Test
    void aMarkThatIsDamagedIsWaitedForAndOneThatCannotBeReadLeavesItToTheOthers() {
        MirrorDevice mirror = create(2);
        get(mirror.close());
        byte[] block = disks.get(0).snapshot(LegLayout.ownerSector(DATA + METADATA), LegLayout.UNIT_SECTORS);
        byte[] damaged = block.clone();
        damaged[50] ^= 1;
        disks.get(0).load(LegLayout.ownerSector(DATA + METADATA), damaged);
        Duration took = timeOf(() -> get(open(on("beta", 2), 0, 1).close()));
        assertThat(took).isGreaterThan(Duration.ofSeconds(10));
        List<BlockDevice> both = again(0, 1);
        legs.get(0)
                .plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.READ).within(LegLayout.ownerSector(DATA + METADATA), 8));
        Duration quick = timeOf(() -> get(MirrorDevice.open(both, on("beta", 2).build())));
        assertThat(quick).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void aLegThatComesBackWithAnOldMarkGetsTheOwnersOnceItHasNotMovedForLongAndComesInThen() {
        MirrorDevice first = create(2);
        legs.get(1).plan(Fault.errno(Errno.EIO));
        write(first, 0, 8, 1);
        crash(first);
        MirrorDevice second = watched(open(on("beta", 2), 0));
        assertThat(mark(1).owner().host()).isEqualTo("alpha");
        CompletableFuture<Integer> adding = second.add(again(0, 1).get(1)).toFuture();
        pass(Duration.ofSeconds(9));
        assertThat(adding).isNotDone();
        assertThat(mark(1).owner().host()).isEqualTo("alpha");
        pass(Duration.ofSeconds(3));
        assertThat(adding).isCompleted();
        assertThat(mark(1)).isEqualTo(mark(0));
        assertThat(status(second).isInSync()).isTrue();
    }

    @Test
    void aLegHasItsOwnersMarkBeforeItIsOnRecordThatItTakesPart() {
        MirrorDevice mirror = create(1, options().legsMin(2));
        for (int disk = 1; disk < 4; disk++) {
            FaultyDevice leg = leg("disk-" + disk);
            leg.plan(Fault.stalled().on(BlockOp.Kind.WRITE).within(LegLayout.ownerSector(DATA + METADATA), 8));
            CompletableFuture<Integer> adding = mirror.add(leg).toFuture();
            pass(Duration.ofSeconds(2));
            assertThat(adding).isNotDone();
            assertThat(mirror.mirror().roster().membership().inMask()).isEqualTo((1 << disk) - 1);
            leg.plan(FaultPlan.none());
            leg.release();
            get(Mono.fromFuture(adding));
            assertThat(mark(disk).owner()).isEqualTo(mark(0).owner());
        }
        pass(Duration.ofMinutes(1));
        assertThat(mirror.mirror().owner().mayAct()).isTrue();
        assertThat(refusal(on("beta", 2), 1, 2, 3)).hasMessageContaining("host alpha");
    }

    @Test
    void whoWaitsForALegsMarkIsToldThatTheMirrorIsClosed() {
        MirrorDevice first = create(2);
        legs.get(1).plan(Fault.errno(Errno.EIO));
        write(first, 0, 8, 1);
        crash(first);
        MirrorDevice second = open(on("beta", 2), 0);
        CompletableFuture<Integer> adding = second.add(again(0, 1).get(1)).toFuture();
        pass(Duration.ofSeconds(2));
        assertThat(timeOf(() -> get(second.close()))).isLessThan(Duration.ofSeconds(1));
        assertThat(adding).isCompletedExceptionally();
    }

    @Test
    void aLegWhoseMarkCannotBeWrittenIsDroppedAndTheOwnerGoesOn() {
        MirrorDevice mirror = create(2);
        legs.get(1)
                .plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(LegLayout.ownerSector(DATA + METADATA), 8));
        pass(Duration.ofSeconds(2));
        assertThat(status(mirror).legs().get(1).state()).isEqualTo(LegState.FAILED);
        pass(Duration.ofMinutes(1));
        write(mirror, 0, 8, 1);
        legs.get(1).plan(FaultPlan.none());
        get(mirror.resync());
        pass(Duration.ofSeconds(2));
        assertThat(mark(1)).isEqualTo(mark(0));
    }

    @Test
    void whatIsRemovedOrSplitOffSaysNothingOfAnOwner() {
        MirrorDevice mirror = create(3);
        get(mirror.remove(2));
        get(mirror.split(1));
        byte[] zeroes = new byte[LegLayout.SLOT_BYTES];
        for (int disk = 1; disk < 3; disk++) {
            assertThat(disks.get(disk).snapshot(LegLayout.ownerSector(DATA + METADATA), LegLayout.UNIT_SECTORS))
                    .isEqualTo(zeroes);
        }
    }

    /** The owner that was taken over brought it in when the takeover had begun. */
    @Test
    void noLegIsInSyncBeforeItHasItsOwnersMarkThoughItTookPartAtTheStart() {
        MirrorDevice first = create(3);
        legs.get(2).plan(Fault.errno(Errno.EIO));
        write(first, 0, 8, 1);
        pass(Duration.ofMinutes(1)); // until its chunk is clean
        legs.get(2).plan(Fault.delayed(Duration.ofMillis(10)).on(BlockOp.Kind.WRITE));
        long beat = mark(2).beat();
        CompletableFuture<Void> comesIn = first.resync().toFuture();
        while (mark(2).beat() == beat) {
            pass(Duration.ofMillis(10));
        }
        CompletableFuture<MirrorDevice> opening = MirrorDevice.open(
                        beside(0, 1, 2),
                        on("beta", 2)
                                .owner(OwnerOptions.defaults().withTakeover())
                                .build())
                .toFuture();
        get(Mono.fromFuture(comesIn));
        MirrorDevice second = get(Mono.fromFuture(opening));
        assertThat(mark(2).owner().host()).isEqualTo("alpha");
        assertThat(status(second).legs().get(2).state()).isEqualTo(LegState.SYNCING);
        refused(second.split(2), Errno.EBUSY, "must be in sync for a split");
        get(second.resync());
        assertThat(mark(2)).isEqualTo(mark(0));
        get(second.split(2));
        assertThat(disks.get(2).snapshot(LegLayout.ownerSector(DATA + METADATA), LegLayout.UNIT_SECTORS))
                .isEqualTo(new byte[LegLayout.SLOT_BYTES]);
        get(second.close());
        get(first.close());
    }

    @Test
    void aLegWhoseMarkCannotBeReadDoesNotComeInAndWhoWaitsIsTold() {
        MirrorDevice mirror = create(1);
        FaultyDevice leg = leg("disk-1");
        leg.plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.READ).within(LegLayout.ownerSector(DATA + METADATA), 8));
        refused(mirror.add(leg), Errno.EIO, "the owner's mark on it cannot be read");
        assertThat(status(mirror).legs()).hasSize(1);
    }

    /** It may still do what it was asked for, so whoever comes next has to wait. */
    @Test
    void whereALegOwesAnAnswerTheMarkStaysOpenWhenItsMirrorIsClosed() {
        MirrorDevice mirror = create(1);
        legs.get(0).plan(Fault.stalled().on(BlockOp.Kind.FLUSH));
        mirror.submit(new BlockOp.Flush()).subscribe(none -> {}, late -> {});
        Leg leg = mirror.mirror().roster().present().get(0);
        boolean[] released = new boolean[1];
        mirror.mirror()
                .runtime()
                .tell(() -> Shutdown.release(mirror.mirror(), () -> {
                    released[0] = true;
                    mirror.mirror().dispose();
                }));
        pass(Duration.ofSeconds(4));
        assertThat(released[0]).isFalse();
        pass(Duration.ofSeconds(2));
        assertThat(released[0]).isTrue();
        assertThat(leg.inFlight()).isEqualTo(1);
        assertThat(mark(0).owner().open()).isTrue();
        long beat = mark(0).beat();
        pass(Duration.ofSeconds(5));
        assertThat(mark(0).beat()).isEqualTo(beat);
        legs.get(0).plan(FaultPlan.none());
        legs.get(0).release();
        pass(Duration.ofSeconds(1));
        crash(mirror);
    }

    /** It was asked for its mark again and again, and each time came too late to be quick. */
    @Test
    void aStartEndsFromWhicheverOperationOnALegHangs() {
        for (int ops = 0; ops < 80; ops++) {
            get(create(2).close());
            List<BlockDevice> both = again(0, 1);
            FaultyDevice leg = legs.get(1);
            leg.plan(Fault.stalled().after(ops));
            CompletableFuture<MirrorDevice> opening =
                    MirrorDevice.open(both, options().build()).toFuture();
            pass(Duration.ofMinutes(4));
            assertThat(opening).as("from operation " + ops).isDone();
            leg.plan(FaultPlan.none());
            leg.release();
            pass(Duration.ofMinutes(1));
            if (!opening.isCompletedExceptionally()) {
                get(opening.join().close());
            }
            disks.clear();
            legs.clear();
        }
    }

    @Test
    void aMirrorThatIsClosedInTheMiddleOfABeatSaysSo() {
        for (int millis = 0; millis < 100; millis += 10) {
            MirrorDevice mirror = create(1);
            legs.get(0).plan(Fault.delayed(Duration.ofMillis(30)));
            pass(Duration.ofMillis(950 + millis));
            get(mirror.close());
            assertThat(mark(0).owner().open()).isFalse();
            legs.clear();
            disks.clear();
        }
    }

    /** A write that fails leaves anything, or a sector that cannot be read until it is written again. */
    @Test
    void anOwnerWhoseMarkIsSpoiltWritesItAnewAsLongAsNobodyElseCanHaveComeMeanwhile() {
        MirrorDevice mirror = create(1);
        pass(Duration.ofSeconds(5));
        disks.get(0).load(LegLayout.ownerSector(DATA + METADATA), new byte[4096]);
        pass(Duration.ofSeconds(2));
        assertThat(mirror.mirror().owner().mayAct()).isTrue();
        assertThat(mark(0).owner().host()).isEqualTo("alpha");
        legs.get(0)
                .plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.READ).within(LegLayout.ownerSector(DATA + METADATA), 8));
        pass(Duration.ofSeconds(30));
        write(mirror, 0, 8, 1);
        assertThat(mirror.mirror().owner().mayAct()).isTrue();
    }

    @Test
    void anOwnerWhoseMarkIsGoneAndCouldNotBeRenewedInTimeGivesUp() {
        MirrorDevice mirror = create(1);
        pass(Duration.ofSeconds(5));
        legs.get(0)
                .plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(LegLayout.ownerSector(DATA + METADATA), 8));
        disks.get(0).load(LegLayout.ownerSector(DATA + METADATA), new byte[4096]);
        pass(Duration.ofSeconds(20));
        refused(mirror.submit(new BlockOp.Flush()), Errno.EBUSY, "open it anew");
        get(mirror.close());
        write(open(on("alpha", 2), 0), 0, 8, 1);
    }

    /** Only another owner takes marks away: it had the legs meanwhile, and has given this one back by now. */
    @Test
    void anOwnerThatWasHeldUpGivesUpWhereOneOfItsLegsHasNoMarkAnyMore() {
        MirrorDevice first = create(2);
        write(first, 0, 8, 1);
        pass(Duration.ofSeconds(5));
        pause(first);
        MirrorDevice second =
                get(MirrorDevice.open(beside(1), on("beta", 2).degraded(true).build()));
        get(second.replace(1, leg("new")));
        write(second, 0, 8, 2);
        goOn(first);
        refused(first.submit(writeOf(0, 8, 3)), Errno.EBUSY, "open it anew");
        assertThat(first.mirror().runtime().lost()).isNotNull();
        get(second.close());
    }
}
