package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.disk.LegLayout;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How legs get what they lack, and how long that takes. */
class MirrorResyncTest extends MirrorFixture {

    @Test
    void aLegFarAwayHasManyChunksInFlight() {
        MirrorDevice mirror = createWithALegThatLacksAll();
        legs.get(1).plan(FaultPlan.of(Fault.delayed(Duration.ofMillis(500))));
        get(mirror.resync());
        assertThat(Duration.between(at(MirrorEvent.Kind.LEG_JOINED), at(MirrorEvent.Kind.LEG_IN_SYNC)))
                .isLessThanOrEqualTo(Duration.ofSeconds(2)); // one by one, its 64 chunks would take 32
        legsAreEqual();
    }

    @Test
    void aLegThatLeavesWhileItGetsWhatItLacksIsToldOfOnce() {
        MirrorDevice mirror = createWithALegThatLacksAll();
        legs.get(1)
                .plan(FaultPlan.of(
                        Fault.delayed(Duration.ofSeconds(2))
                                .on(BlockOp.Kind.WRITE)
                                .within(0, DATA),
                        Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(0, DATA)));
        for (int i = 0; i < 600 && !kinds().contains(MirrorEvent.Kind.LEG_JOINED); i++) {
            pass(Duration.ofMillis(100));
        }
        pass(Duration.ofMillis(100));
        pass(Duration.ofSeconds(3));
        legs.get(1).plan(FaultPlan.none());
        assertThat(kinds())
                .containsExactly(MirrorEvent.Kind.LEG_FAILED, MirrorEvent.Kind.LEG_JOINED, MirrorEvent.Kind.LEG_FAILED);
        get(mirror.resync());
        legsAreEqual();
    }

    @Test
    void theLimitHoldsForAllThatIsInFlightTogether() {
        MirrorDevice mirror = createWithALegThatLacksAll();
        pass(Duration.ofSeconds(1));
        mirror.limit(1 << 20);
        legs.get(1).plan(FaultPlan.none());
        get(mirror.resync());
        assertThat(Duration.between(at(MirrorEvent.Kind.LEG_JOINED), at(MirrorEvent.Kind.LEG_IN_SYNC)))
                .isBetween(Duration.ofMillis(3_900), Duration.ofSeconds(5)); // 4 MiB
        legsAreEqual();
    }

    @Test
    void aHigherLimitCountsForWhatWaitsAlready() {
        MirrorDevice mirror = createWithALegThatLacksAll();
        mirror.limit(1);
        legs.get(1).plan(FaultPlan.none());
        pass(Duration.ofMinutes(1));
        assertThat(status(mirror).isInSync()).isFalse();
        mirror.limit(Long.MAX_VALUE);
        pass(Duration.ofSeconds(1));
        assertThat(status(mirror).isInSync()).isTrue();
        legsAreEqual();
    }

    @Test
    void aScrubThatPassesOverAllThatALegLacksDoesNotNest() {
        long data = 50_000L * CHUNK;
        for (String name : List.of("one", "other")) {
            leg(MemoryDevice.of(name, data + 64L * LegLayout.UNIT_SECTORS));
        }
        MirrorDevice mirror = watched(get(
                MirrorDevice.create(legs, options().resyncBytesPerSecond(1, 1).build())));
        legs.get(1).plan(Fault.errno(Errno.EIO));
        write(mirror, 0, 8, 1);
        mirror.limit(Long.MAX_VALUE);
        ScrubReport report = get(mirror.scrub(ScrubMode.CHECK));
        assertThat(report.complete()).isTrue();
        assertThat(report.sectorsDifferent()).isZero();
        assertThat(report.sectorsCompared()).isLessThan(data / 2);
    }

    private MirrorDevice createWithALegThatLacksAll() {
        MirrorDevice mirror = create(2);
        legs.get(1).plan(Fault.errno(Errno.EIO));
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            write(mirror, (long) chunk * CHUNK, 8, 2);
        }
        return mirror;
    }

    private Instant at(MirrorEvent.Kind kind) {
        return events.stream()
                .filter(event -> event.kind() == kind)
                .findFirst()
                .orElseThrow()
                .at();
    }
}
