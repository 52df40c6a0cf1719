package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.testkit.Patterns;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What was changed behind a mirror's back is found, and repaired as far as anybody knows who is right. */
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
                .containsExactly(new ScrubReport.Mismatch(100, 5, 0b10), new ScrubReport.Mismatch(DATA - 1, 1, 0b10));
        assertThat(report.sectorsDifferent()).isEqualTo(6);
        assertThat(report.isEqual()).isFalse();
        assertThat(disks.get(1).snapshot(100, 5)).isEqualTo(Patterns.bytes(0, 5, 9));
        assertThat(status(mirror).lastScrub()).contains(report);
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
    void whatCannotBeReadIsCountedAndTheLegStays() {
        MirrorDevice mirror = create(2);
        legs.get(1).plan(Fault.errno(Errno.EIO).on(io.dmio.BlockOp.Kind.READ).within(0, 8));
        ScrubReport report = get(mirror.scrub(ScrubMode.CHECK));
        assertThat(report.sectorsUnread()).isEqualTo(CHUNK);
        assertThat(report.isEqual()).isFalse();
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
}
