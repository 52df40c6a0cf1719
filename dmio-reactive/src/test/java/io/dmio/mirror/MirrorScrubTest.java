package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.testkit.Patterns;
import io.dmio.testkit.Seed;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What was changed behind a mirror's back is found, and repaired as far as anybody knows who is right. */
@ExtendWith(Seed.class)
class MirrorScrubTest extends MirrorFixture {

    @Test
    void equalLegsAreEqual() {
        MirrorDevice mirror = create(2);
        write(mirror, 0, 64, 1);
        ScrubReport report = get(mirror.scrub(ScrubMode.CHECK));
        assertThat(report).isEqualTo(new ScrubReport(DATA, 0, 0, 0, List.of(), true));
        assertThat(report.isEqual()).isTrue();
    }

    @Test
    void aCheckReportsRangesAndChangesNothing() {
        MirrorDevice mirror = create(2);
        disks.get(1).load(100, Patterns.bytes(0, 5, 9));
        disks.get(1).load(DATA - 1, Patterns.bytes(0, 1, 9));
        ScrubReport report = get(mirror.scrub(ScrubMode.CHECK));
        assertThat(report.mismatches())
                .containsExactly(new ScrubReport.Mismatch(100, 5, 0b11), new ScrubReport.Mismatch(DATA - 1, 1, 0b11));
        assertThat(report.sectorsDifferent()).isEqualTo(6);
        assertThat(report.isEqual()).isFalse();
        assertThat(disks.get(1).snapshot(100, 5)).isEqualTo(Patterns.bytes(0, 5, 9));
        assertThat(status(mirror).lastScrub()).contains(report);
    }

    @Test
    void aLegFarAwayIsReadInManyPiecesAtATimeAndWhatDiffersIsToldInOrder() {
        MirrorDevice mirror = create(2);
        disks.get(1).load(CHUNK - 2, Patterns.bytes(0, 4, 9)); // over the end of a piece
        disks.get(1).load(3 * CHUNK, Patterns.bytes(0, 1, 9));
        SplittableRandom random = Seed.random("far scrub");
        legs.get(1)
                .plan(FaultPlan.of(Stream.generate(() -> Fault.delayed(Duration.ofMillis(400 + random.nextInt(200)))
                                .within((long) random.nextInt(CHUNKS) * CHUNK, CHUNK))
                        .limit(CHUNKS)
                        .toArray(Fault[]::new)));
        CompletableFuture<ScrubReport> far = mirror.scrub(ScrubMode.CHECK).toFuture();
        pass(Duration.ofSeconds(4)); // one by one, its 64 pieces would take up to 38
        assertThat(far).isCompleted();
        assertThat(far.join().mismatches())
                .containsExactly(
                        new ScrubReport.Mismatch(CHUNK - 2, 4, 0b11), new ScrubReport.Mismatch(3 * CHUNK, 1, 0b11));
    }

    @Test
    void theFirstRangesThatDifferAreNamedAndAllAreCounted() {
        MirrorDevice mirror = create(2);
        int ranges = ScrubReport.MISMATCHES_MAX + 1;
        for (int i = 0; i < ranges; i++) {
            disks.get(1).load(2L * i, Patterns.bytes(0, 1, 9));
        }
        ScrubReport report = get(mirror.scrub(ScrubMode.CHECK));
        assertThat(report.sectorsDifferent()).isEqualTo(ranges);
        assertThat(report.mismatches()).hasSize(ScrubReport.MISMATCHES_MAX);
        assertThat(report.mismatches().get(ScrubReport.MISMATCHES_MAX - 1).sector())
                .isEqualTo(2L * (ScrubReport.MISMATCHES_MAX - 1));
    }

    @Test
    void aMajorityIsRight() {
        MirrorDevice mirror = create(3);
        write(mirror, 100, 5, 1);
        disks.get(0).load(101, Patterns.bytes(0, 2, 9));
        ScrubReport report = get(mirror.scrub(ScrubMode.REPAIR));
        assertThat(report.mismatches()).containsExactly(new ScrubReport.Mismatch(101, 2, 0b001));
        assertThat(report.sectorsRepaired()).isEqualTo(2);
        allHold(100, 5, 1);
        assertThat(get(mirror.scrub(ScrubMode.CHECK)).sectorsDifferent()).isZero();
    }

    @Test
    void oneAgainstOneIsRepairedOnlyFromALegThatWasNamed() {
        MirrorDevice mirror = create(2);
        write(mirror, 100, 5, 1);
        disks.get(0).load(101, Patterns.bytes(0, 2, 9));
        assertThat(get(mirror.scrub(ScrubMode.REPAIR)).sectorsRepaired()).isZero();
        assertThat(get(mirror.scrub(ScrubMode.repairFrom(1))).isEqual()).isTrue();
        allHold(100, 5, 1);
    }

    @Test
    void whatCannotBeReadIsCountedAndToldAndTheLegStays() {
        MirrorDevice mirror = create(2);
        legs.get(1).plan(Fault.errno(Errno.EIO).on(io.dmio.BlockOp.Kind.READ).within(0, 8));
        ScrubReport report = get(mirror.scrub(ScrubMode.CHECK));
        assertThat(report.sectorsUnread()).isEqualTo(8);
        assertThat(report.sectorsCompared()).isEqualTo(DATA - 8);
        assertThat(report.isEqual()).isFalse();
        assertThat(events)
                .filteredOn(event -> event.kind() == MirrorEvent.Kind.READ_ERROR)
                .hasSize(8)
                .allMatch(event -> event.leg() == 1);
        assertThat(status(mirror).isInSync()).isTrue();
    }

    @Test
    void aScrubKeepsToItsPaceWaitsWhilePausedAndStopsWhenCancelled() {
        MirrorDevice mirror = create(2);
        mirror.limit(1 << 20); // 4 MiB: 4 seconds
        CompletableFuture<ScrubReport> slow = mirror.scrub(ScrubMode.CHECK).toFuture();
        refused(mirror.scrub(ScrubMode.CHECK), Errno.EBUSY, "a scrub runs already");
        pass(Duration.ofSeconds(2));
        WorkProgress half = status(mirror).scrub().orElseThrow();
        assertThat(half.chunksDone()).isBetween(28L, 36L);
        assertThat(half.remaining().orElseThrow()).isBetween(Duration.ofMillis(1500), Duration.ofMillis(2500));
        mirror.pause();
        pass(Duration.ofMinutes(1));
        assertThat(status(mirror).scrub().orElseThrow().chunksDone()).isLessThanOrEqualTo(half.chunksDone() + 1);
        mirror.resume();
        pass(Duration.ofSeconds(3));
        assertThat(slow).isCompleted();
        CompletableFuture<ScrubReport> cancelled = mirror.scrub(ScrubMode.CHECK).toFuture();
        cancelled.cancel(true);
        pass(Duration.ofSeconds(1));
        assertThat(status(mirror).scrub()).isEmpty();
        assertThat(status(mirror).lastScrub().orElseThrow().complete()).isFalse();
    }

    @Test
    void aDifferenceBesideABadSectorIsFoundAndABadSectorOfTwoLegsCountsOnce() {
        MirrorDevice mirror = create(3);
        disks.get(0).load(9, Patterns.bytes(0, 1, 9));
        for (int bad : new int[] {1, 2}) {
            legs.get(bad)
                    .plan(Fault.errno(Errno.EIO).on(io.dmio.BlockOp.Kind.READ).within(8, 1));
        }
        ScrubReport report = get(mirror.scrub(ScrubMode.CHECK));
        assertThat(report.mismatches()).containsExactly(new ScrubReport.Mismatch(9, 1, 0b001));
        assertThat(report.sectorsUnread()).isEqualTo(1);
        assertThat(report.sectorsCompared()).isEqualTo(DATA - 1);
    }

    @Test
    void noLegIsBlamedWhereNobodyHasAnsweredAndTheOneThatIsLateIsSetAside() {
        MirrorDevice mirror = create(2);
        legs.forEach(leg -> leg.stall());
        CompletableFuture<ScrubReport> scrub = mirror.scrub(ScrubMode.CHECK).toFuture();
        pass(Duration.ofSeconds(20));
        assertThat(kinds()).isEmpty();
        legs.get(0).release();
        assertThat(kinds()).containsExactly(MirrorEvent.Kind.LEG_SET_ASIDE, MirrorEvent.Kind.SCRUBBED);
        assertThat(status(mirror).legs().get(1).state()).isEqualTo(LegState.SET_ASIDE);
        legs.get(1).release();
        pass(Duration.ofSeconds(5));
        assertThat(scrub).isCompleted();
        get(mirror.close());
    }

    @Test
    void whatALegLacksIsNotEqual() {
        MirrorDevice mirror = create(3);
        legs.get(2).plan(Fault.errno(Errno.EIO));
        write(mirror, 0, 8, 1);
        ScrubReport ofTwo = get(mirror.scrub(ScrubMode.CHECK));
        assertThat(ofTwo).isEqualTo(new ScrubReport(DATA, 0, 0, DATA, List.of(), true));
        assertThat(ofTwo.isEqual()).isFalse();
        get(mirror.remove(1));
        assertThat(get(mirror.scrub(ScrubMode.CHECK))).isEqualTo(new ScrubReport(0, 0, 0, DATA, List.of(), true));
        get(mirror.remove(2));
        assertThat(get(mirror.scrub(ScrubMode.CHECK)).isEqual()).isTrue();
    }

    @Test
    void anAuthorityThatCannotBeALegIsRefused() {
        for (int none : new int[] {-2, MirrorOptions.LEGS_MAX}) {
            assertThatThrownBy(() -> new ScrubMode(true, none)).hasMessageContaining("authority " + none);
        }
        assertThat(ScrubMode.repairFrom(MirrorOptions.LEGS_MAX - 1).authority()).isEqualTo(15);
    }

    @Test
    void aScrubThatIsCancelledWhilePausedIsOver() {
        MirrorDevice mirror = create(2);
        mirror.pause();
        CompletableFuture<ScrubReport> paused = mirror.scrub(ScrubMode.CHECK).toFuture();
        paused.cancel(true);
        assertThat(status(mirror).scrub()).isEmpty();
        mirror.resume();
        assertThat(get(mirror.scrub(ScrubMode.CHECK)).isEqual()).isTrue();
    }
}
