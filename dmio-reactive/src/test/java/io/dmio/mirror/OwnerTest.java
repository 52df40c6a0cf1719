package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Two mirrors on the same legs: at most one of them has them, and the other one says who. */
class OwnerTest extends MirrorFixture {

    private static final UUID BOOT = new UUID(1, 1);
    private static final Duration LEASE = Duration.ofSeconds(9);
    private static final Duration SETTLED = Duration.ofMillis(250);

    private boolean alive = true;

    @Override
    MirrorOptions.Builder options() {
        return on("alpha", 1);
    }

    private MirrorOptions.Builder on(String host, long process) {
        return super.options().owner(OwnerOptions.defaults()).settings(small -> {
            small.host = new OwnerHost(host, process, BOOT, number -> alive);
        });
    }

    /** On the same disks, which the first mirror goes on using. */
    private List<BlockDevice> beside() {
        List<FaultyDevice> first = List.copyOf(legs);
        List<BlockDevice> second = again(0, 1);
        for (int i = 0; i < first.size(); i++) {
            legs.set(i, first.get(i));
        }
        return second;
    }

    private MirrorDevice openBeside(MirrorOptions.Builder options) {
        return get(MirrorDevice.open(beside(), options.build()));
    }

    private OwnerMark mark(int disk) {
        OwnerMark mark = OwnerMark.decode(
                disks.get(disk).snapshot(LegLayout.ownerSector(DATA + METADATA), LegLayout.UNIT_SECTORS));
        return Objects.requireNonNull(mark, "a mark");
    }

    private Duration timeOf(Runnable work) {
        long before = clock.now(TimeUnit.MILLISECONDS);
        work.run();
        return Duration.ofMillis(clock.now(TimeUnit.MILLISECONDS) - before);
    }

    private static void pause(MirrorDevice mirror) {
        mirror.mirror().mailbox().pause();
    }

    private static void goOn(MirrorDevice mirror) {
        mirror.mirror().mailbox().goOn();
    }

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
    void aMirrorThatIsOpenElsewhereIsRefusedAndNotWrittenTo() {
        MirrorDevice first = create(2);
        write(first, 0, 8, 1);
        pass(Duration.ofMinutes(1));
        DeviceException refusal = refusal(on("beta", 2));
        assertThat(refusal.errno()).isEqualTo(Errno.EBUSY);
        assertThat(refusal)
                .hasMessageContaining("open elsewhere, by process 1 on host alpha")
                .hasMessageContaining("takeover");
        write(first, 0, 8, 2);
        pass(Duration.ofMinutes(1));
        allHold(0, 8, 2);
        assertThat(first.mirror().owner().lost()).isNull();
    }

    private DeviceException refusal(MirrorOptions.Builder options) {
        CompletableFuture<MirrorDevice> opening =
                MirrorDevice.open(beside(), options.build()).toFuture();
        pass(Duration.ofSeconds(30));
        assertThat(opening).isCompletedExceptionally();
        return (DeviceException) opening.handle((none, why) -> why).join();
    }

    @Test
    void creatingOverAMirrorThatIsOpenElsewhereIsRefused() {
        MirrorDevice first = create(2);
        write(first, 0, 8, 1);
        CompletableFuture<MirrorDevice> opening = MirrorDevice.create(
                        beside(), on("beta", 2).overwrite(true).build())
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
                MirrorDevice.open(beside(), on("alpha", 2).build()).toFuture();
        CompletableFuture<MirrorDevice> other =
                MirrorDevice.open(beside(), on("beta", 3).build()).toFuture();
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
    void aTakeoverDoesNotWaitAndEndsTheOtherOwner() {
        MirrorDevice first = create(2);
        write(first, 0, 8, 1);
        MirrorDevice[] second = new MirrorDevice[1];
        Duration took = timeOf(() -> second[0] =
                openBeside(on("beta", 2).owner(OwnerOptions.defaults().withTakeover())));
        assertThat(took).isLessThan(Duration.ofSeconds(3));
        assertThat(first.mirror().owner().lost()).isNotNull();
        refused(first.submit(new BlockOp.Flush()), Errno.EBUSY, "host beta");
        write(second[0], 0, 8, 2);
        allHold(0, 8, 2);
    }

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
    void aLegThatComesBackWithAnOldMarkGetsTheOwnersOnceItHasNotMovedForLong() {
        MirrorDevice first = create(2);
        legs.get(1).plan(Fault.errno(Errno.EIO));
        write(first, 0, 8, 1);
        crash(first);
        MirrorDevice second = watched(open(on("beta", 2), 0));
        assertThat(mark(1).owner().host()).isEqualTo("alpha");
        get(second.add(again(0, 1).get(1)));
        pass(Duration.ofSeconds(5));
        assertThat(mark(1).owner().host()).isEqualTo("alpha");
        pass(Duration.ofSeconds(8));
        assertThat(mark(1)).isEqualTo(mark(0));
        assertThat(status(second).isInSync()).isTrue();
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

    @Test
    void aStartThatIsRefusedLeavesNoMark() {
        get(create(2).close());
        OwnerMark before = mark(0);
        refused(MirrorDevice.open(again(0), options().build()), Errno.ENODEV, "missing");
        assertThat(mark(0)).isEqualTo(before);
    }

    @Test
    void withoutMarksNothingIsReadOrWrittenThere() {
        MirrorDevice mirror = create(2, super.options().equalAlready(true));
        long writes = legs.get(0).ops(BlockOp.Kind.WRITE);
        pass(Duration.ofMinutes(1));
        assertThat(legs.get(0).ops(BlockOp.Kind.WRITE)).isEqualTo(writes);
        assertThat(disks.get(0).snapshot(LegLayout.ownerSector(DATA + METADATA), 8))
                .isEqualTo(new byte[4096]);
        assertThat(read(mirror, 0, 8)).isEqualTo(new byte[4096]);
    }
}
