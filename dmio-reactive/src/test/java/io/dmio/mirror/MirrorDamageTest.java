package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Planes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What nobody can tell from what is left on the legs: the start is refused, and nothing is changed. */
class MirrorDamageTest extends MirrorFixture {

    private static final byte[] GARBAGE =
            "garbage ".repeat(LegLayout.SLOT_BYTES / 8).getBytes(StandardCharsets.US_ASCII);

    private void damage(int leg, int plane) {
        disks.get(leg).load(LegLayout.of("", DATA + METADATA, CHUNK).unitSector(plane, 0), GARBAGE);
    }

    /** Seed 30410280 of the simulation: writes of the bitmap failed on both legs, and left garbage at the same place. */
    @Test
    void whereNoLegHasWholeWhatEachLacksTheStartIsRefusedAndAnOperatorSaysWhichCounts() {
        MirrorDevice mirror = create(2);
        write(mirror, 0, 8, 1);
        get(mirror.close());
        for (int plane : List.of(Planes.stale(0), Planes.stale(1))) {
            damage(0, plane);
            damage(1, plane);
        }
        String before = disks.get(0).sha256(0, DATA + METADATA) + disks.get(1).sha256(0, DATA + METADATA);
        refused(
                MirrorDevice.open(again(0, 1), options().build()),
                Errno.ENODEV,
                "is whole on none of [disk-0, disk-1]");
        assertThat(disks.get(0).sha256(0, DATA + METADATA) + disks.get(1).sha256(0, DATA + METADATA))
                .isEqualTo(before);
        MirrorDevice trusted = open(options().trust(1), 0, 1);
        get(trusted.resync());
        allHold(0, 8, 1);
        assertThat(status(trusted).isInSync()).isTrue();
    }

    @Test
    void whatOneLegHasWholeCountsForAll() {
        MirrorDevice mirror = create(2);
        write(mirror, 0, 8, 1);
        get(mirror.close());
        damage(0, Planes.stale(0));
        damage(1, Planes.stale(1));
        MirrorDevice again = open(options(), 0, 1);
        assertThat(status(again).isInSync()).isTrue();
        allHold(0, 8, 1);
    }

    /** Found at small scope: two power cuts, of which the second one tears what the only leg that goes on writes of itself. */
    @Test
    void aLegThatAloneTookPartHasEverythingThoughItCannotBeReadWhatItLacks() {
        MirrorDevice mirror = create(2);
        legs.get(0).plan(Fault.errno(Errno.EIO));
        write(mirror, 0, 8, 1);
        crash(mirror);
        damage(1, Planes.stale(1));
        crash(open(options(), 1));
        damage(1, Planes.stale(1));
        MirrorDevice both = open(options(), 0, 1);
        get(both.resync());
        allHold(0, 8, 1);
        assertThat(status(both).isInSync()).isTrue();
    }

    @Test
    void whatNobodyElseHasALegHasOfWhichCannotBeReadWhatItLacks() {
        MirrorDevice mirror = copying();
        crash(mirror);
        damage(0, Planes.stale(0));
        damage(1, Planes.stale(0));
        MirrorDevice again = open(options(), 0, 1);
        get(again.resync());
        allHold(0, 8, 1);
        assertThat(status(again).isInSync()).isTrue();
    }

    /** What it lacks the one that is missing has. */
    @Test
    void nothingIsConcludedOfALegWhereAnotherOneThatTookPartIsMissing() {
        crash(copying());
        damage(1, Planes.stale(1));
        refused(MirrorDevice.open(again(1), options().degraded(true).build()), Errno.ENODEV, "is whole on none of");
    }

    /** Leg 1 is in, and lacks what was written while it was out. */
    private MirrorDevice copying() {
        MirrorDevice mirror = create(2);
        mirror.pause();
        legs.get(1).plan(Fault.errno(Errno.EIO));
        write(mirror, 0, 8, 1);
        legs.get(1).plan(FaultPlan.none());
        pass(Duration.ofMinutes(1));
        assertThat(status(mirror).legs().get(1).state()).isEqualTo(LegState.SYNCING);
        return mirror;
    }
}
