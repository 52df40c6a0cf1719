package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.mirror.disk.LegLayout;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Two mirrors on the same legs: at most one of them has them, and the other one says who. */
class OwnerTest extends OwnerFixture {

    @Test
    void anOwnerMovesTheMarkOfEachLegEachInterval() {
        MirrorDevice mirror = create(2);
        long beat = mark(0).beat();
        pass(Duration.ofSeconds(10));
        assertThat(mark(0).beat()).isEqualTo(beat + 10);
        assertThat(mark(1)).isEqualTo(mark(0));
        assertThat(mark(0).owner().words()).startsWith("process 1 on host alpha");
        assertThat(mark(0).proven()).isTrue();
        get(mirror.close());
        assertThat(mark(0).owner().open()).isFalse();
        assertThat(mark(1)).isEqualTo(mark(0));
    }

    @Test
    void anOwnerOfTheLeastPatienceMayActAllTheTime() {
        MirrorDevice mirror = create(2, options().owner(OwnerOptions.defaults().withBeat(Duration.ofSeconds(1), 2)));
        legs.forEach(leg -> leg.plan(FaultPlan.of(Fault.delayed(Duration.ofMillis(50)))));
        for (int i = 0; i < 1_000; i++) {
            pass(Duration.ofMillis(10));
            assertThat(mirror.mirror().owner().mayAct())
                    .as("after " + i * 10 + " ms")
                    .isTrue();
        }
    }

    @Test
    void anOwnerThatHasToProveItselfAsksLegsThatFailOnlyOnceABeat() {
        MirrorDevice mirror = create(2);
        pause(mirror);
        pass(Duration.ofMinutes(1));
        goOn(mirror);
        pass(Duration.ofMillis(100)); // its mark has to settle anew
        legs.forEach(leg -> leg.plan(FaultPlan.of(Fault.errno(Errno.EIO))));
        long before = legs.get(0).ops(BlockOp.Kind.READ);
        pass(Duration.ofSeconds(10));
        assertThat(legs.get(0).ops(BlockOp.Kind.READ) - before).isBetween(5L, 11L);
    }

    @Test
    void aMirrorThatIsOpenElsewhereIsRefusedAndNotWrittenTo() {
        MirrorDevice first = create(2);
        write(first, 0, 8, 1);
        pass(Duration.ofMinutes(1));
        DeviceException refusal = refusal(on("beta", 2), 0, 1);
        assertThat(refusal.errno()).isEqualTo(Errno.EBUSY);
        assertThat(refusal)
                .hasMessageContaining("open elsewhere, by process 1 on host alpha")
                .hasMessageContaining("takeover");
        write(first, 0, 8, 2);
        pass(Duration.ofMinutes(1));
        allHold(0, 8, 2);
        assertThat(first.mirror().runtime().lost()).isNull();
    }

    @Test
    void creatingOverAMirrorThatIsOpenElsewhereIsRefused() {
        MirrorDevice first = create(2);
        write(first, 0, 8, 1);
        CompletableFuture<MirrorDevice> opening = MirrorDevice.create(
                        beside(0, 1), on("beta", 2).overwrite(true).build())
                .toFuture();
        pass(Duration.ofSeconds(30));
        assertThat(opening).isCompletedExceptionally();
        write(first, 0, 8, 2);
        get(first.close());
        assertThat(get(MirrorStatus.inspect(again(0, 1))).isInSync()).isTrue();
    }

    @Test
    void afterACloseAStartWaitsOnlyForItsMarkToSettle() {
        get(create(2).close());
        Duration took =
                timeOf(() -> get(MirrorDevice.open(again(0, 1), on("beta", 2).build())));
        assertThat(took).isBetween(SETTLED, Duration.ofMillis(300));
    }

    @Test
    void afterACrashAStartElsewhereWaitsWhetherTheMarkMoves() {
        crash(create(2));
        Duration took = timeOf(() -> open(on("beta", 2), 0, 1));
        assertThat(took).isGreaterThan(Duration.ofSeconds(10)).isLessThan(Duration.ofSeconds(11));
    }

    @Test
    void whereTheOwnersProcessIsKnownToBeDeadNobodyWaits() {
        MirrorDevice mirror = create(2);
        pass(Duration.ofSeconds(1));
        crash(mirror);
        alive = false;
        assertThat(timeOf(() -> open(on("alpha", 2), 0, 1))).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void ofTwoThatOpenAtOnceAtMostOneStarts() {
        get(create(2).close());
        CompletableFuture<MirrorDevice> one =
                MirrorDevice.open(beside(0, 1), on("alpha", 2).build()).toFuture();
        CompletableFuture<MirrorDevice> other =
                MirrorDevice.open(beside(0, 1), on("beta", 3).build()).toFuture();
        pass(Duration.ofMinutes(1));
        assertThat(one.isCompletedExceptionally()).isNotEqualTo(other.isCompletedExceptionally());
    }

    @Test
    void anOwnerThatWasHeldUpLooksBeforeItActsAndFindsAnother() {
        MirrorDevice first = watched(create(2));
        write(first, 0, 8, 1);
        pass(Duration.ofSeconds(5));
        CompletableFuture<Void> late = start(first, new BlockOp.Flush());
        pause(first);
        CompletableFuture<Void> later = start(first, writeOf(0, 8, 2));
        MirrorDevice second = openBeside(on("beta", 2));
        write(second, 0, 8, 3);
        goOn(first);
        CompletableFuture<Void> last = start(first, writeOf(8, 8, 2));
        pass(Duration.ofSeconds(20));
        assertThat(late).isCompleted();
        for (CompletableFuture<Void> refused : List.of(later, last, start(first, new BlockOp.Flush()))) {
            assertThatThrownBy(refused::join)
                    .hasCauseInstanceOf(DeviceException.class)
                    .hasMessageContaining("open elsewhere, by process 2 on host beta");
        }
        allHold(0, 8, 3);
        assertThat(kinds()).contains(MirrorEvent.Kind.OWNER_LOST).doesNotContain(MirrorEvent.Kind.LEG_FAILED);
        long beat = mark(0).beat();
        get(first.close());
        pass(Duration.ofSeconds(5));
        assertThat(mark(0).beat()).isEqualTo(beat + 5);
        assertThat(mark(0).owner().host()).isEqualTo("beta");
        allHold(0, 8, 3);
    }

    @Test
    void anOwnerThatWasHeldUpAndFindsItsMarkGoesOn() {
        MirrorDevice mirror = create(2);
        pass(Duration.ofSeconds(5));
        pause(mirror);
        CompletableFuture<Void> write = start(mirror, writeOf(0, 8, 1));
        pass(LEASE.plusSeconds(1));
        goOn(mirror);
        assertThat(write).isNotDone();
        pass(SETTLED.plusMillis(10));
        assertThat(write).isCompleted();
        allHold(0, 8, 1);
    }

    @Test
    void whoseAnswerWaitsForTheOwnerIsToldWhenTheMirrorFailsInside() {
        MirrorDevice mirror = create(2, options().equalAlready(true).legDeadline(Duration.ofMinutes(1)));
        write(mirror, 0, 8, 1);
        Fault noBeat = Fault.stalled().on(BlockOp.Kind.READ).within(LegLayout.ownerSector(DATA + METADATA), 8);
        Fault late = Fault.delayed(LEASE.plusSeconds(1)).on(BlockOp.Kind.WRITE).within(0, 8);
        legs.forEach(leg -> leg.plan(noBeat, late));
        CompletableFuture<Void> write = start(mirror, writeOf(0, 8, 2));
        pass(LEASE.plusSeconds(2));
        allHold(0, 8, 2);
        assertThat(write).isNotDone();
        mirror.mirror().runtime().tell(() -> {
            throw new IllegalStateException("a bug");
        });
        assertThat(write).isCompletedExceptionally();
        assertThat(mirror.mirror().runtime().users().count()).isZero();
        legs.forEach(FaultyDevice::release);
        get(mirror.close());
    }

    /** Else those that have come in could start without the one that has the mark. */
    @Test
    void anOwnerThatWasAskedForMuchWhileItWasHeldUpBeatsNoMoreOftenAfterwards() {
        MirrorDevice mirror = create(2);
        pass(Duration.ofSeconds(5));
        pause(mirror);
        pass(LEASE.plusSeconds(1));
        goOn(mirror);
        for (int i = 0; i < 20; i++) {
            mirror.submit(writeOf(8L * i, 8, 1)).subscribe();
            pass(Duration.ofMillis(5));
        }
        pass(Duration.ofSeconds(1));
        long beat = mark(0).beat();
        pass(Duration.ofSeconds(10));
        assertThat(mark(0).beat()).isEqualTo(beat + 10);
    }

    @Test
    void aStartThatIsRefusedLeavesNoMark() {
        get(create(2).close());
        OwnerMark before = mark(0);
        refused(MirrorDevice.open(again(0), options().build()), Errno.ENODEV, "missing");
        assertThat(mark(0)).isEqualTo(before);
    }

    @Test
    void withoutMarksNothingIsReadOrWrittenThere() {
        MirrorDevice mirror = create(2, options().owner(OwnerOptions.off()).equalAlready(true));
        long writes = legs.get(0).ops(BlockOp.Kind.WRITE);
        pass(Duration.ofMinutes(1));
        assertThat(legs.get(0).ops(BlockOp.Kind.WRITE)).isEqualTo(writes);
        assertThat(disks.get(0).snapshot(LegLayout.ownerSector(DATA + METADATA), 8))
                .isEqualTo(new byte[4096]);
        assertThat(read(mirror, 0, 8)).isEqualTo(new byte[4096]);
    }

    @Test
    void aLegThatHangsDoesNotCostTheOwnerItsMirror() {
        for (int millis = 0; millis < 1_000; millis += 50) { // before a look, and between a look and a mark
            MirrorDevice mirror = create(2);
            FaultyDevice leg = legs.get(legs.size() - 1);
            pass(Duration.ofMillis(millis));
            leg.plan(Fault.stalled().on(millis % 100 == 0 ? BlockOp.Kind.READ : BlockOp.Kind.WRITE));
            pass(Duration.ofSeconds(20));
            leg.plan(Fault.stalled());
            pass(Duration.ofMinutes(1));
            assertThat(mirror.mirror().runtime().lost()).isNull();
            assertThat(mirror.mirror().owner().mayAct()).isTrue();
            assertThat(status(mirror).legs().get(1).state()).isEqualTo(LegState.SET_ASIDE);
            leg.plan(FaultPlan.none());
            leg.release();
            get(mirror.close());
            disks.clear();
            legs.clear();
        }
    }

    /** What waits until it is known again who the owner is, and fails then, is no fault of a leg that was to do it. */
    @Test
    void noLegIsBlamedForAnOwnerThatCannotTellWhetherItIsOne() {
        MirrorDevice mirror = watched(create(2));
        pass(Duration.ofSeconds(2));
        for (FaultyDevice leg : legs) {
            leg.plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.READ).within(LegLayout.ownerSector(DATA + METADATA), 8));
        }
        pause(mirror);
        pass(LEASE.plusSeconds(1));
        goOn(mirror);
        refused(mirror.submit(writeOf(0, 8, 1)), Errno.EIO, "the owner's mark cannot be read");
        legs.forEach(leg -> leg.plan(FaultPlan.none()));
        pass(Duration.ofSeconds(3));
        write(mirror, 0, 8, 2);
        allHold(0, 8, 2);
        assertThat(kinds()).doesNotContain(MirrorEvent.Kind.LEG_FAILED);
        assertThat(status(mirror).legs()).allMatch(leg -> leg.errors().writes() == 0);
    }

    @Test
    void whoeverLostItsLegsTriesNothingAgain() {
        MirrorDevice first = create(2);
        write(first, 0, 8, 1);
        legs.get(1).plan(Fault.errno(Errno.EIO));
        for (int i = 0; i < 20; i++) {
            first.submit(writeOf(8L * i, 8, 1)).subscribe(none -> {}, lost -> {});
        }
        openBeside(on("beta", 2).owner(OwnerOptions.defaults().withTakeover()));
        pass(Duration.ofMinutes(5));
        long errors = status(first).legs().get(0).errors().metadata();
        pass(Duration.ofMinutes(5));
        assertThat(status(first).legs().get(0).errors().metadata()).isEqualTo(errors);
        get(first.close());
    }
}
