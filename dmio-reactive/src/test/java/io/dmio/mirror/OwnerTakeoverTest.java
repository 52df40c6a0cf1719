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
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** A mirror that is taken over from an owner that may still be there. */
class OwnerTakeoverTest extends OwnerFixture {

    private static final long MARK = LegLayout.ownerSector(DATA + METADATA);
    private static final Duration STEP = Duration.ofMillis(10);
    private static final Duration WATCH = LEASE.plusSeconds(1);

    private static MirrorOptions.Builder taking(MirrorOptions.Builder options) {
        return options.owner(OwnerOptions.defaults().withTakeover());
    }

    private static FaultPlan delays(int millis) {
        return FaultPlan.of(Fault.delayed(Duration.ofMillis(millis)));
    }

    /** The devices of the machine that takes over; each of their operations takes so long. */
    private List<BlockDevice> beside(int millis) {
        List<BlockDevice> devices = beside(0, 1);
        devices.forEach(device -> ((FaultyDevice) device).plan(delays(millis)));
        return devices;
    }

    private CompletableFuture<MirrorDevice> takeOver(int millis) {
        return MirrorDevice.open(beside(millis), taking(on("beta", 2)).build()).toFuture();
    }

    /** Lets time pass until both starts have ended, and a little more; at no step both act. */
    private void neverBoth(CompletableFuture<MirrorDevice> first, CompletableFuture<MirrorDevice> second, String when) {
        for (int i = 0, more = 0; i < 30_000 && more < 300; i++) {
            pass(STEP);
            assertThat(mayAct(first) && mayAct(second)).as(when).isFalse();
            more += first.isDone() && second.isDone() ? 1 : 0;
        }
        assertThat(first).as(when).isDone();
        assertThat(second).as(when).isDone();
    }

    private void neverBoth(MirrorDevice first, CompletableFuture<MirrorDevice> second, String when) {
        neverBoth(CompletableFuture.completedFuture(first), second, when);
    }

    @Test
    void aTakeoverWaitsUntilTheOtherOwnerActsNoMoreAndEndsIt() {
        MirrorDevice first = create(2);
        write(first, 0, 8, 1);
        MirrorDevice[] second = new MirrorDevice[1];
        Duration took = timeOf(() -> second[0] = openBeside(taking(on("beta", 2))));
        assertThat(took).isBetween(WATCH, WATCH.plusSeconds(1));
        assertThat(first.mirror().runtime().lost()).isNotNull();
        refused(first.submit(new BlockOp.Flush()), Errno.EBUSY, "host beta");
        write(second[0], 0, 8, 2);
        allHold(0, 8, 2);
        get(second[0].close());
        get(first.close());
    }

    @Test
    void aTakeoverOfWhatNobodyHasDoesNotWait() {
        get(create(2).close());
        Duration took = timeOf(() -> get(
                MirrorDevice.open(again(0, 1), taking(on("beta", 2)).build()).flatMap(MirrorDevice::close)));
        assertThat(took).isLessThan(Duration.ofSeconds(1));
    }

    /** From an owner whose looks at its legs take long, at each moment of its beat. */
    @ParameterizedTest
    @ValueSource(ints = {0, 300, 1_000, 1_900, 2_500})
    void noTwoActWhileTheFirstLooksSlowly(int millis) {
        int taken = 0;
        for (int phase = 0; phase < 2 * millis + 1_000; phase += 170) {
            MirrorDevice first = create(2);
            Fault look = Fault.delayed(Duration.ofMillis(millis))
                    .on(BlockOp.Kind.READ)
                    .within(MARK, 8);
            legs.forEach(leg -> leg.plan(look));
            pass(Duration.ofMillis(5_000 + phase));
            CompletableFuture<MirrorDevice> second = takeOver(0);
            neverBoth(first, second, "after " + phase + " ms");
            taken += end(first, second);
        }
        assertThat(taken).isPositive();
    }

    /** From an owner that is just starting, and has written its first mark. */
    @Test
    void noTwoActWhileTheFirstStarts() {
        for (int phase = 0; phase < 12_000; phase += 310) {
            get(create(2).close());
            List<BlockDevice> devices = again(0, 1);
            legs.forEach(leg -> leg.plan(delays(70)));
            CompletableFuture<MirrorDevice> first =
                    MirrorDevice.open(devices, options().build()).toFuture();
            pass(Duration.ofMillis(phase));
            CompletableFuture<MirrorDevice> second = takeOver(0);
            neverBoth(first, second, "after " + phase + " ms");
            end(first, second);
        }
    }

    private static boolean mayAct(CompletableFuture<MirrorDevice> started) {
        return started.isDone()
                && !started.isCompletedExceptionally()
                && started.join().mirror().owner().mayAct();
    }

    /** Each operation takes so long for both. */
    @ParameterizedTest
    @CsvSource({"30, 30", "91, 91", "285, 285", "450, 450", "30, 285", "285, 30"})
    void slowLegsAreTakenOverThoughTheirOwnerBeats(int millis, int other) {
        int refused = 0;
        int tries = 0;
        for (int phase = 0; phase < 2 * millis + 1_000; phase += 97) {
            MirrorDevice first = create(2);
            legs.forEach(leg -> leg.plan(delays(millis)));
            pass(Duration.ofMillis(5_000 + phase));
            CompletableFuture<MirrorDevice> second = takeOver(other);
            neverBoth(first, second, "after " + phase + " ms");
            tries++;
            refused += 1 - end(first, second);
        }
        assertThat(refused * 5).as("of %d", tries).isLessThanOrEqualTo(tries);
    }

    /** Closes both; returns 1 if the second had the mirror. */
    private int end(MirrorDevice first, CompletableFuture<MirrorDevice> second) {
        return end(CompletableFuture.completedFuture(first), second);
    }

    private int end(CompletableFuture<MirrorDevice> first, CompletableFuture<MirrorDevice> second) {
        legs.forEach(leg -> leg.plan(FaultPlan.none()));
        for (CompletableFuture<MirrorDevice> start : List.of(first, second)) {
            if (!start.isCompletedExceptionally()) {
                start.join().close().subscribe(none -> {}, failed -> {});
            }
        }
        pass(Duration.ofSeconds(30));
        disks.clear();
        legs.clear();
        return second.isCompletedExceptionally() ? 0 : 1;
    }

    private MirrorDevice heldUp() {
        MirrorDevice first = create(2);
        pass(Duration.ofSeconds(5));
        pause(first);
        return first;
    }

    @Test
    void anOwnerThatWritesItsMarkOverTheNewOneIsEndedByTheNextTry() {
        MirrorDevice first = heldUp();
        OwnerMark its = mark(0);
        CompletableFuture<MirrorDevice> second = takeOver(0);
        pass(Duration.ofSeconds(1));
        assertThat(mark(0).owner().host()).isEqualTo("beta");
        disks.forEach(disk -> disk.load(MARK, its.next(true).encode()));
        pass(Duration.ofSeconds(30));
        assertThat(second).isCompleted();
        assertThat(mayAct(second)).isTrue();
        goOn(first);
        pass(Duration.ofSeconds(5));
        assertThat(first.mirror().runtime().lost()).isNotNull();
        get(second.join().close());
        get(first.close());
    }

    /** On the other leg is the mark of its first try, which stays: the old owner may still act. */
    @Test
    void theNextTryDoesNotWaitForTheMarkOfTheFirst() {
        MirrorDevice first = heldUp();
        OwnerMark its = mark(0);
        CompletableFuture<MirrorDevice> second = takeOver(0);
        pass(Duration.ofSeconds(1));
        OwnerMark tried = mark(1);
        disks.get(0).load(MARK, its.next(true).encode());
        pass(Duration.ofMillis(8_500));
        assertThat(mark(1).owner().host()).isEqualTo("beta");
        assertThat(mark(1).isBy(tried)).isFalse();
        goOn(first);
        pass(Duration.ofSeconds(30));
        assertThat(mayAct(second)).isTrue();
        get(second.join().close());
        get(first.close());
    }

    @Test
    void whoComesWhileTheFirstIsTakenOverIsNotEnded() {
        MirrorDevice first = heldUp();
        OwnerMark its = mark(0);
        OwnerMark third = OwnerMark.first(
                        its.mirror(),
                        new OwnerHost("gamma", 3, new UUID(2, 2), number -> true),
                        new UUID(3, 3),
                        its.terms())
                .after(its.beat());
        CompletableFuture<MirrorDevice> second = takeOver(0);
        pass(Duration.ofSeconds(1));
        disks.get(0).load(MARK, its.next(true).encode());
        for (int i = 0; i < 30; i++) {
            third = third.next(true);
            disks.get(1).load(MARK, third.encode());
            pass(Duration.ofSeconds(1));
        }
        refused(Mono.fromFuture(second), Errno.EBUSY, "host gamma");
        assertThat(mark(1)).isEqualTo(third);
        goOn(first);
        get(first.close());
    }

    /** Each leg that the start goes on with carries the new mark, though others took part when it looked first. */
    @Test
    void legsThatTheFirstBroughtInMeanwhileAreMarkedBeforeTheSecondActs() {
        MirrorDevice first = create(2);
        legs.get(1).plan(Fault.errno(Errno.EIO));
        write(first, 0, 8, 1);
        List<BlockDevice> there = beside(0, 1);
        ((FaultyDevice) there.get(0))
                .plan(Fault.delayed(Duration.ofSeconds(25))
                        .on(BlockOp.Kind.READ)
                        .within(MARK, 8)
                        .nth(2));
        CompletableFuture<MirrorDevice> second =
                MirrorDevice.open(there, taking(on("beta", 2)).build()).toFuture();
        pass(Duration.ofSeconds(1));
        legs.get(1).plan(FaultPlan.none());
        pass(Duration.ofSeconds(15));
        assertThat(status(first).isInSync()).isTrue();
        legs.get(0).plan(Fault.errno(Errno.EIO));
        write(first, 0, 8, 2);
        neverBoth(first, second, "while a leg comes in");
        assertThat(mayAct(second)).isTrue();
        assertThat(mark(1).owner().host()).isEqualTo("beta");
        pass(Duration.ofSeconds(10));
        assertThat(first.mirror().runtime().lost()).isNotNull();
    }
}
