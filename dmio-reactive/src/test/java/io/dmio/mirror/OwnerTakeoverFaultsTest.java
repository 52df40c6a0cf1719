package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Takeovers, and other starts that may overwrite the mark of an owner that acts, on legs that fail, are missing or are made new. */
class OwnerTakeoverFaultsTest extends TakeoverFixture {

    private static Fault onMarks(Fault fault, BlockOp.Kind kind) {
        return fault.on(kind).within(MARK, 8);
    }

    private void getsTheLegsFrom(Party first, Party next, String when) {
        untilDone(next);
        assertThat(next.mayAct()).as(when).isTrue();
        passChecked(WATCH);
        assertThat(first.isLost()).isTrue();
        nothingIsLeft();
    }

    @Test
    void aTakeoverThatFailsWhileTheOldOwnerMayStillActDoesNotLetTheLegsGo() {
        Party first = owner().pause();
        FaultPlan doneButFails = FaultPlan.of(
                onMarks(Fault.torn(8, Errno.EIO), BlockOp.Kind.WRITE).first(1));
        Party second = party("beta", 0, 1).plan(doneButFails).opens(takingOver());
        untilDone(second);
        assertThat(second.refusal()).hasMessageContaining("cannot be written to");
        Party third = party("gamma", 0, 1).opens(asUsual());
        passChecked(Duration.ofSeconds(8));
        first.goOn();
        untilDone(third);
        passChecked(WATCH);
        assertThat(first.isLost()).isTrue();
        assertThat(third.mayAct()).isTrue();
        nothingIsLeft();
    }

    @Test
    void aTakeoverThatFailsWhenItHasTheLegsLetsThemGo() {
        Party first = owner().pause();
        Party second = party("beta", 0, 1).opens(takingOver());
        passChecked(WATCH.minusMillis(100));
        second.plan(FaultPlan.of(Fault.errno(Errno.EIO).on(BlockOp.Kind.READ).within(SLOTS, 16)));
        untilDone(second);
        assertThat(second.refusal().errno()).isEqualTo(Errno.EIO);
        Party third = party("gamma", 0, 1).opens(asUsual());
        passChecked(Duration.ofSeconds(1));
        assertThat(third.mayAct()).isTrue();
        first.goOn();
        passChecked(WATCH);
        assertThat(first.isLost()).isTrue();
        nothingIsLeft();
    }

    /** The one that dies promises less than the old owner, whose mark it has overwritten. */
    @Test
    void whoComesAfterATakeoverThatDiedWaitsForTheOldOwner() {
        for (boolean takes : new boolean[] {false, true}) {
            Party first = owner(OwnerOptions.defaults().withBeat(Duration.ofSeconds(3), 10))
                    .pause();
            Party second = party("beta", 0, 1).opens(takingOver());
            passChecked(Duration.ofSeconds(1));
            assertThat(mark(0).owner().host()).isEqualTo("beta");
            second.plan(FaultPlan.of(Fault.stalled()));
            Party third = party("gamma", 0, 1).opens(takes ? takingOver() : asUsual());
            passChecked(Duration.ofSeconds(25));
            first.goOn();
            untilDone(third);
            assertThat(third.mayAct()).isTrue();
            assertThat(mark(0).terms()).isEqualTo(OwnerTerms.DEFAULTS);
            passChecked(WATCH);
            assertThat(first.isLost()).isTrue();
            passChecked(Duration.ofMinutes(2));
            nothingIsLeft();
        }
    }

    @Test
    void marksThatCanBeReadOnlyAtTheSecondLookAreTakenOver() {
        Party first = owner();
        Fault unreadable = onMarks(Fault.errno(Errno.EIO), BlockOp.Kind.READ).first(1);
        Party second = party("beta", 0, 1).plan(FaultPlan.of(unreadable)).opens(takingOver());
        getsTheLegsFrom(first, second, "");
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "0, 2", "1, 2", "0, 3", "1, 3", "0, 4", "1, 4"})
    void marksOfOneLegThatCanBeReadOnlyAtALaterLookAreTakenOver(int leg, int failures) {
        for (int millis = 0; millis < 1_000; millis += 190) {
            Party first = owner();
            passChecked(Duration.ofMillis(millis));
            Party second = party("beta", 0, 1);
            second.faulty
                    .get(leg)
                    .plan(FaultPlan.of(
                            onMarks(Fault.errno(Errno.EIO), BlockOp.Kind.READ).first(failures)));
            second.opens(takingOver());
            getsTheLegsFrom(first, second, "after " + millis + " ms");
        }
    }

    /** Each look before its own mark is there fails; the leg can be read again when it has that mark. */
    @Test
    void whoOverwritesMarksThatItCannotReadWaitsUntilTheirOwnerActsNoMore() {
        for (int millis = 0; millis < 1_000; millis += 90) {
            Party first = owner();
            passChecked(Duration.ofMillis(millis));
            Fault unreadable =
                    onMarks(Fault.errno(Errno.EIO), BlockOp.Kind.READ).first(3);
            Party second = party("beta", 0, 1).plan(FaultPlan.of(unreadable)).opens(asUsual());
            getsTheLegsFrom(first, second, "");
        }
    }

    @Test
    void aNewMirrorIsNotMadeOfALegWhoseMarkCannotBeReadWhileItsOwnerActs() {
        for (int millis = 0; millis < 1_000; millis += 190) {
            Party first = owner();
            passChecked(Duration.ofMillis(millis));
            disks.add(MemoryDevice.of("new", DATA + METADATA));
            Party second = party("beta", 2, 1);
            Fault unreadable =
                    onMarks(Fault.errno(Errno.EIO), BlockOp.Kind.READ).first(3);
            second.faulty.get(1).plan(unreadable);
            second.creates(options -> options.overwrite(true));
            untilDone(second);
            passChecked(WATCH);
            assertThat(second.refusal()).hasMessageContaining("cannot be read back from enough legs");
            assertThat(first.isLost()).isTrue();
            nothingIsLeft();
        }
    }

    /** From each allocation of a takeover on, there is none. */
    @Test
    void aTakeoverWithoutMemoryEndsWithAnError() {
        for (int left = 0; left < 40; left += 3) {
            Party first = owner();
            AtomicInteger rest = new AtomicInteger(left);
            Runnable allocates = () -> {
                if (rest.getAndDecrement() <= 0) {
                    throw new OutOfMemoryError("none left");
                }
            };
            Party second = party("beta", 0, 1)
                    .opens(options -> takingOver().apply(options).settings(small -> small.allocates = allocates));
            untilDone(second);
            assertThat(second.refusal().errno()).isEqualTo(Errno.ENOMEM);
            rest.set(Integer.MAX_VALUE);
            Party third = party("gamma", 0, 1).opens(takingOver());
            getsTheLegsFrom(first, third, "after " + left);
        }
    }

    /** The owner has gone on with the other leg alone, and does not look at the one that carries the new mark. */
    @Test
    void aNewMirrorIsNotMadeOfALegThatItsOwnerGoesOnWith() {
        Party first = owner();
        first.faulty.get(0).plan(Fault.errno(Errno.EIO));
        write(first.mirror(), 0, 8, 1);
        passChecked(Duration.ofSeconds(5));
        Party second = party("beta", 0, 1);
        second.faulty.get(1).plan(onMarks(Fault.errno(Errno.EIO), BlockOp.Kind.WRITE));
        second.creates(options -> takingOver().apply(options).overwrite(true));
        untilDone(second);
        passChecked(Duration.ofSeconds(30));
        nothingIsLeft();
    }

    @Test
    void aMirrorIsMadeOverLegsOfAnotherOnlyIfNobodyHasThem() {
        Party first = owner();
        Party second = party("beta", 0, 1).creates(options -> options.overwrite(true));
        untilDone(second);
        assertThat(second.refusal()).hasMessageContaining("host alpha");
        passChecked(Duration.ofSeconds(10));
        assertThat(first.mayAct()).isTrue();
        Party third = party("gamma", 0, 1)
                .creates(options -> takingOver().apply(options).overwrite(true));
        untilDone(third);
        assertThat(third.mayAct()).isTrue();
        assertThat(first.isLost()).isTrue();
        third.pause();
        third.mirror().mirror().abandon();
        Party fourth = party("delta", 0, 1).creates(options -> options.overwrite(true));
        untilDone(fourth);
        assertThat(fourth.mayAct()).isTrue();
    }

    /** The times of both, in seconds and intervals. */
    @ParameterizedTest
    @CsvSource({"1, 10, 1, 10", "1, 10, 1, 2", "1, 2, 1, 2", "1, 3, 1, 3", "3, 10, 1, 3", "1, 2, 3, 10"})
    void whateverALegDoesInATakeoverNoTwoActAndTheNextTakeoverGetsTheLegs(int its, int patience, int mine, int own) {
        int taken = 0;
        for (int seed = 0; seed < 25; seed++) {
            Random random = new Random(seed);
            Party first = owner(OwnerOptions.defaults().withBeat(Duration.ofSeconds(its), patience));
            passChecked(STEP.multipliedBy(random.nextInt(100)));
            boolean heldUp = random.nextBoolean();
            if (heldUp) {
                first.pause();
            }
            Party second = takesOverWithFaults(random, takingOver(Duration.ofSeconds(mine), own));
            untilDone(second);
            taken += second.owns() ? 1 : 0;
            second.plan(FaultPlan.none());
            second.faulty.forEach(FaultyDevice::release);
            if (heldUp) {
                first.goOn();
            }
            passChecked(Duration.ofSeconds(5));
            Party third = party("gamma", 0, 1).opens(takingOver());
            getsTheLegsFrom(first, third, "seed " + seed);
        }
        assertThat(taken).isBetween(5, 20);
    }

    /** Of both legs, one alone, or by the content of one; a leg fails, fails though it did it, hangs or is slow, once or from then on. */
    private Party takesOverWithFaults(Random random, UnaryOperator<MirrorOptions.Builder> taking) {
        int leg = random.nextInt(2);
        int how = random.nextInt(4);
        Party second = how == 0 ? party("beta", leg) : party("beta", 0, 1);
        List<Fault> faults = List.of(
                Fault.errno(Errno.EIO),
                Fault.torn(8, Errno.EIO),
                Fault.stalled(),
                Fault.delayed(Duration.ofMillis(400)));
        Fault fault = faults.get(random.nextInt(4));
        int op = random.nextInt(40);
        FaultyDevice struck = second.faulty.get(random.nextInt(second.faulty.size()));
        struck.plan(random.nextBoolean() ? fault.nth(op + 1) : fault.after(op));
        return second.opens(options -> switch (how) {
            case 0 -> taking.apply(options).degraded(true);
            case 1 -> taking.apply(options).trust(leg);
            default -> taking.apply(options);
        });
    }
}
