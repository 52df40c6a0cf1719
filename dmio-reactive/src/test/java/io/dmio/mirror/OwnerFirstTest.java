package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.mirror.disk.LegLayout;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;

/** Nothing is written to a device before it has its owner's mark, as another may own it; and who fails to get it takes the mark back. */
class OwnerFirstTest extends OwnerFixture {

    private static final long MARK = LegLayout.ownerSector(DATA + METADATA);

    /** Everything but the mark. */
    private byte[] content(int disk) {
        return disks.get(disk).snapshot(0, (int) MARK);
    }

    /** By its path and as an export, say: it would be a mirror of one copy that calls itself in sync. */
    @Test
    void aDeviceThatIsGivenTwiceIsRefusedAndGetsNothingButTheMark() {
        List<BlockDevice> twice = List.of(leg("other"), leg("disk"), leg(disks.get(1)));
        byte[] before = content(1);
        refused(MirrorDevice.create(twice, options().build()), Errno.EBUSY, "disk: is the same device as disk");
        assertThat(content(1)).isEqualTo(before);
    }

    @Test
    void aLegThatComesBackIsNotWrittenToWhileAnotherMayHaveIt() {
        MirrorDevice first = create(2);
        legs.get(1).plan(Fault.errno(Errno.EIO));
        write(first, 0, 8, 1);
        crash(first);
        byte[] before = content(1);
        MirrorDevice second = open(on("beta", 2), 0);
        CompletableFuture<Integer> adding = second.add(again(0, 1).get(1)).toFuture();
        for (int seconds = 0; seconds < 9; seconds++) {
            pass(Duration.ofSeconds(1));
            write(second, 8L * seconds, 8, 2);
            assertThat(content(1)).isEqualTo(before);
        }
        pass(Duration.ofSeconds(3));
        assertThat(adding).isCompleted();
        pass(Duration.ofMinutes(1));
        assertThat(status(second).isInSync()).isTrue();
        legsAreEqual();
        get(second.close());
    }

    @Test
    void aLegOfAMirrorThatIsOpenElsewhereIsNotOverwrittenByAnAddButRefusedWithItsOwnersName() {
        MirrorDevice other = create(1, on("beta", 2));
        write(other, 0, 8, 1);
        MirrorDevice mirror = create0(on("alpha", 1).overwrite(true));
        pass(Duration.ofSeconds(10)); // its bitmap is clean
        byte[] before = content(0);
        CompletableFuture<Integer> adding = mirror.add(beside(0).get(0)).toFuture();
        pass(Duration.ofSeconds(30));
        assertThat(content(0)).isEqualTo(before);
        assertThat(adding)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withMessageContaining("open elsewhere, by process 2 on host beta");
        assertThat(other.mirror().owner().mayAct()).isTrue();
        write(other, 0, 8, 2);
        assertThat(status(mirror).legs()).hasSize(1);
        get(other.close());
        get(open(on("beta", 3), 0).close());
        get(mirror.close());
    }

    /** On the newest disk alone. */
    private MirrorDevice create0(MirrorOptions.Builder options) {
        return watched(get(MirrorDevice.create(List.of(leg("another")), options.build())));
    }

    @Test
    void aLegThatAnotherHasByNowIsForgottenAndNotWiped() {
        MirrorDevice first = create(2);
        legs.get(1).plan(Fault.errno(Errno.EIO));
        write(first, 0, 8, 1);
        MirrorDevice other = get(MirrorDevice.open(
                beside(1),
                on("beta", 2)
                        .degraded(true)
                        .owner(OwnerOptions.defaults().withTakeover())
                        .build()));
        legs.get(1).plan(FaultPlan.none());
        write(other, 0, 8, 2);
        pass(Duration.ofSeconds(10));
        byte[] before = content(1);
        get(first.remove(1));
        assertThat(content(1)).isEqualTo(before);
        assertThat(mark(1).owner().host()).isEqualTo("beta");
        pass(Duration.ofSeconds(30));
        assertThat(other.mirror().owner().mayAct()).isTrue();
        write(other, 8, 8, 2);
        get(other.close());
        get(open(on("beta", 3), 1).close());
        get(first.close());
    }

    @Test
    void aLegThatIsNotItsOwnersIsNotToldThatItDoesNotCount() {
        get(create(2).close());
        byte[] before = content(1);
        List<BlockDevice> both = again(0, 1);
        legs.get(1).plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(MARK, 8));
        MirrorDevice mirror = get(MirrorDevice.open(both, options().trust(0).build()));
        pass(Duration.ofSeconds(5));
        assertThat(content(1)).isEqualTo(before);
        legs.get(1).plan(FaultPlan.none());
        pass(Duration.ofMinutes(1));
        assertThat(status(mirror).isInSync()).isTrue();
        get(mirror.close());
    }

    @Test
    void aCreateThatWasHeldUpLooksAgainBeforeItOverwrites() {
        get(create(1, on("beta", 2)).close());
        OwnerMark others = mark(0);
        byte[] before = content(0);
        leg("slow");
        List<BlockDevice> both = List.of(legs.get(1), again(0).get(0));
        legs.get(1)
                .plan(Fault.delayed(Duration.ofSeconds(10))
                        .on(BlockOp.Kind.WRITE)
                        .within(SLOTS, 8L * 2));
        CompletableFuture<MirrorDevice> creating = MirrorDevice.create(
                        both,
                        options()
                                .overwrite(true)
                                .legDeadline(Duration.ofMinutes(1))
                                .build())
                .toFuture();
        pass(Duration.ofSeconds(5));
        disks.get(0).load(MARK, others.next(true).encode());
        pass(Duration.ofMinutes(2));
        assertThat(content(0)).isEqualTo(before);
        refused(Mono.fromFuture(creating), Errno.EBUSY, "host beta");
    }

    @Test
    void anAddThatIsRefusedTakesTheMarkBack() {
        MirrorDevice mirror = create(1);
        leg("fresh");
        legs.get(1).plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(SLOTS, 16));
        refused(mirror.add(legs.get(1)), Errno.EIO, "");
        assertThat(disks.get(1).snapshot(MARK, 8)).isEqualTo(new byte[4096]);
        legs.get(1).plan(FaultPlan.none());
        get(mirror.add(legs.get(1)));
        get(mirror.close());
    }

    @Test
    void aLegThatIsKnownAndFailsToComeInSaysNothingOfTheOwner() {
        MirrorDevice first = create(2);
        legs.get(1).plan(Fault.errno(Errno.EIO));
        write(first, 0, 8, 1);
        crash(first);
        alive = false;
        MirrorDevice second = open(on("alpha", 2), 0);
        FaultyDevice leg = (FaultyDevice) again(0, 1).get(1);
        leg.plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(SLOTS, 16));
        refused(second.add(leg), Errno.EIO, "failed again before it was in");
        assertThat(disks.get(1).snapshot(MARK, 8)).isEqualTo(new byte[4096]);
        get(second.close());
    }

    @Test
    void aStartWhoseMarkReachesTooFewLegsTakesItBack() {
        get(create(2).close());
        List<BlockDevice> both = again(0, 1);
        legs.get(1).plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(MARK, 8));
        legs.get(0)
                .plan(Fault.errno(Errno.EIO)
                        .on(BlockOp.Kind.READ)
                        .within(MARK, 8)
                        .nth(3));
        refused(MirrorDevice.open(both, options().build()), Errno.EIO, "an owner's mark cannot be read back");
        assertThat(timeOf(() -> get(open(on("beta", 3), 0, 1).close()))).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void aStartThatThrowsOnceItOwnsTheLegsGivesThemBack() {
        get(create(2).close());
        for (Throwable thrown : List.of(new IllegalStateException("no"), new OutOfMemoryError("none"))) {
            MirrorOptions options = options()
                    .settings(small -> small.made = crash -> {
                        throw Exceptions.propagate(thrown);
                    })
                    .build();
            CompletableFuture<MirrorDevice> opening =
                    MirrorDevice.open(again(0, 1), options).toFuture();
            pass(Duration.ofSeconds(5));
            assertThat(opening).isCompletedExceptionally();
            assertThat(mark(0).owner().open()).isFalse();
            assertThat(mark(1).owner().open()).isFalse();
        }
        assertThat(timeOf(() -> get(open(on("beta", 3), 0, 1).close()))).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void aLegThatWentOnElsewhereAfterItSaidWhoItIsIsNotTakenBack() {
        MirrorDevice first = create(2);
        legs.get(1).plan(Fault.errno(Errno.EIO));
        write(first, 0, 8, 1);
        legs.get(1)
                .plan(Fault.delayed(Duration.ofSeconds(2)).on(BlockOp.Kind.READ).within(MARK, 8));
        Leg leg = Objects.requireNonNull(first.mirror().roster().leg(1));
        while (leg.life() != LegLife.CLAIMING) {
            pass(Duration.ofMillis(50));
        }
        MirrorDevice other = get(MirrorDevice.open(
                beside(1),
                on("beta", 2)
                        .degraded(true)
                        .owner(OwnerOptions.defaults().withTakeover())
                        .build()));
        write(other, 800, 8, 2);
        get(other.close());
        assertThat(leg.life()).isEqualTo(LegLife.CLAIMING);
        byte[] before = content(1);
        legs.get(1).plan(FaultPlan.none());
        pass(Duration.ofMinutes(2));
        assertThat(status(first).legs().get(1).state()).isEqualTo(LegState.REFUSED);
        assertThat(content(1)).isEqualTo(before);
        Duration took = timeOf(() ->
                get(get(MirrorDevice.open(beside(1), on("beta", 2).build())).close()));
        assertThat(took).as("the mark that it got is gone again").isLessThan(Duration.ofSeconds(1));
        get(first.close());
    }

    /** Another's mark comes while the start waits for its own to settle, and there is no memory after so many allocations. */
    private DeviceException refusedWithMemoryFor(AtomicInteger allocations) {
        disks.clear();
        legs.clear();
        get(create(2).close());
        Runnable allocates = () -> {
            if (allocations.getAndDecrement() <= 0) {
                throw new OutOfMemoryError("none left");
            }
        };
        CompletableFuture<MirrorDevice> opening = MirrorDevice.open(
                        again(0, 1),
                        options().settings(small -> small.allocates = allocates).build())
                .toFuture();
        pass(Duration.ofMillis(100));
        OwnerMark others = OwnerMark.first(
                mark(0).mirror(),
                new OwnerHost("gamma", 3, new UUID(2, 2), number -> true),
                new UUID(3, 3),
                mark(0).terms());
        disks.get(1).load(MARK, others.next(true).encode());
        pass(Duration.ofSeconds(1));
        assertThat(opening).isCompletedExceptionally();
        return (DeviceException) opening.handle((none, why) -> why).join();
    }

    @Test
    void aStartThatCannotTakeItsMarkBackForLackOfMemorySaysWhyItWasRefused() {
        AtomicInteger left = new AtomicInteger(1_000);
        assertThat(refusedWithMemoryFor(left)).hasMessageContaining("host gamma");
        int all = 1_000 - left.get();
        assertThat(refusedWithMemoryFor(new AtomicInteger(all - 1))).hasMessageContaining("host gamma");
    }
}
