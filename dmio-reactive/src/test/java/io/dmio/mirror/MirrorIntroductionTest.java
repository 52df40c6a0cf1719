package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Superblock;
import io.dmio.testkit.Patterns;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The power goes while a leg is being added and another one is being dropped: the new leg was told of that, and no leg
 * has it on record.
 */
class MirrorIntroductionTest extends MirrorFixture {

    private static final int BOTH_SLOTS = 2 * LegLayout.UNIT_SECTORS;

    private long generation;

    @BeforeEach
    void theNewLegKnowsWhatIsOnNoRecord() {
        MirrorDevice mirror = create(3);
        write(mirror, 0, 8, 1);
        legs.get(1).plan(inSlots(Fault.errno(Errno.EIO)));
        List<FaultyDevice> good = List.of(legs.get(0), legs.get(2));
        good.forEach(leg -> leg.plan(FaultPlan.of(
                inSlots(Fault.stalled()).after(1),
                inSlots(Fault.errno(Errno.EIO)).after(1))));
        FaultyDevice fresh = leg("fresh");
        fresh.plan(Fault.delayed(Duration.ofMillis(50)).on(BlockOp.Kind.READ).within(SLOTS, BOTH_SLOTS));
        mirror.add(fresh).subscribe(index -> {}, failed -> {});
        pass(Duration.ofMillis(500));
        assertThat(superblock(3).membership().isIntroduction()).isTrue();
        generation = superblock(0).membership().generation();
        assertThat(superblock(3).membership().lineage())
                .isNotEqualTo(superblock(0).membership().lineage());
        crash(mirror);
        good.forEach(FaultyDevice::release);
    }

    private static Fault inSlots(Fault fault) {
        return fault.on(BlockOp.Kind.WRITE).within(SLOTS, BOTH_SLOTS);
    }

    private Superblock superblock(int disk) {
        return get(LegDisk.read(again(disk).get(0))).mark();
    }

    /** Otherwise what is counted up would begin anew, and a leg's older record would be taken for its newest. */
    @Test
    void itIsNotAskedWhatTheMirrorIs() {
        for (int start = 1; start < 5; start++) {
            MirrorDevice mirror = open(options(), 3, 0, 1, 2);
            assertThat(status(mirror).generation()).isGreaterThan(generation);
            generation = status(mirror).generation();
            assertThat(read(mirror, 0, 8)).isEqualTo(Patterns.bytes(0, 8, 1));
            get(mirror.resync());
            assertThat(status(mirror).isInSync()).isTrue();
            assertThat(status(mirror).legs()).hasSize(4);
            crash(mirror);
        }
    }

    @Test
    void itComesInWhenItAnswersAgain() {
        MirrorDevice mirror = open(options(), 0, 1, 2);
        FaultyDevice fresh = (FaultyDevice) again(3).get(0);
        fresh.plan(FaultPlan.none());
        get(mirror.add(fresh));
        get(mirror.resync());
        assertThat(status(mirror).isInSync()).isTrue();
        write(mirror, 8, 8, 2);
        allHold(8, 8, 2);
    }
}
