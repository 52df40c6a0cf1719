package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.testkit.Patterns;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Legs of which {@code legsMin} may start without the others: there are never two such sets that both take writes. */
class MirrorMajorityTest extends MirrorFixture {

    private static final Duration MOMENT = Duration.ofMillis(100);
    private static final FaultPlan FAILED_WRITES =
            FaultPlan.of(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE));

    private MirrorOptions.Builder two() {
        return options().equalAlready(true).legsMin(2);
    }

    /** Of three legs two die at the same moment, and do not know of each other that they are out. A new one is added. */
    private MirrorDevice oneOfThreeAndANewOne() {
        MirrorDevice mirror = create(3, two());
        legs.get(0).plan(Fault.errno(Errno.EIO));
        legs.get(1).plan(Fault.errno(Errno.EIO));
        refused(mirror.submit(writeOf(0, 8, 1)), Errno.EIO, "read-only");
        leg("fresh");
        get(mirror.add(legs.get(3)));
        pass(Duration.ofSeconds(10));
        assertThat(status(mirror).legs().get(3).state()).isEqualTo(LegState.IN_SYNC);
        return mirror;
    }

    @Test
    void aNewLegIsNoReasonToTakeWritesWhereTheOthersMayGoOnByThemselves() {
        MirrorDevice mirror = oneOfThreeAndANewOne();
        refused(mirror.submit(writeOf(0, 8, 2)), Errno.EIO, "may go on by themselves");
        assertThat(status(mirror).writable()).isFalse();
        crash(mirror);
        MirrorDevice others = open(two(), 0, 1);
        get(others.resync());
        write(others, 0, 8, 3);
        assertThat(read(others, 0, 8)).isEqualTo(Patterns.bytes(0, 8, 3));
    }

    /** What was answered before is on one leg alone, and the two others may start without it. */
    @Test
    void aFlushThatFewerLegsDoThanWritesNeedFails() {
        MirrorDevice mirror = create(3, two());
        write(mirror, 0, 8, 1);
        legs.get(0).plan(Fault.errno(Errno.EIO));
        legs.get(1).plan(Fault.errno(Errno.EIO));
        refused(mirror.submit(new BlockOp.Flush()), Errno.EIO, "read-only: 1 leg is in sync");
        refused(mirror.submit(new BlockOp.Flush()), Errno.EIO, "read-only: 1 leg is in sync");
        legs.get(0).plan(FaultPlan.none());
        pass(Duration.ofMinutes(10));
        get(mirror.submit(new BlockOp.Flush()));
        crash(mirror);
        assertThat(read(open(two(), 0, 2), 0, 8)).isEqualTo(Patterns.bytes(0, 8, 1));
    }

    @Test
    void aCloseThatFewerLegsFlushThanWritesNeedSaysSo() {
        MirrorDevice mirror = create(3, two());
        write(mirror, 0, 8, 1);
        legs.get(0).plan(Fault.errno(Errno.EIO));
        legs.get(1).plan(Fault.errno(Errno.EIO));
        refused(mirror.close(), Errno.EIO, "read-only: 1 leg is in sync");
    }

    @Test
    void aStartAsksForThemToo() {
        crash(oneOfThreeAndANewOne());
        refused(MirrorDevice.open(again(2), two().build()), Errno.ENODEV, "disk-0), leg 1 (disk-1) is missing");
        refused(MirrorDevice.open(again(2, 3), two().build()), Errno.ENODEV, "may have taken writes alone");
        MirrorDevice degraded = open(two().degraded(true), 2, 3);
        write(degraded, 0, 8, 4);
    }

    @Test
    void whenOneOfThemIsBackWritesAreTaken() {
        MirrorDevice mirror = oneOfThreeAndANewOne();
        legs.get(0).plan(FaultPlan.none());
        pass(Duration.ofMinutes(10));
        write(mirror, 0, 8, 5);
        crash(mirror);
        write(open(two(), 0, 2, 3), 8, 8, 6);
    }

    @Test
    void whenOneOfThemIsRemovedWritesAreTaken() {
        MirrorDevice mirror = oneOfThreeAndANewOne();
        get(mirror.remove(1));
        write(mirror, 0, 8, 5);
        assertThat(kinds()).contains(MirrorEvent.Kind.WRITABLE);
    }

    @Test
    void ofTwoLegsThatWritesNeedOneMayBeReplaced() {
        MirrorDevice mirror = create(2, two());
        legs.get(1).plan(Fault.errno(Errno.EIO));
        refused(mirror.submit(writeOf(0, 8, 1)), Errno.EIO, "read-only");
        leg("fresh");
        get(mirror.add(legs.get(2)));
        pass(Duration.ofSeconds(10));
        write(mirror, 0, 8, 2);
        crash(mirror);
        refused(MirrorDevice.open(again(1), two().build()), Errno.ENODEV, "is missing");
    }

    /** Of three legs two fail a write, and the third has it; a power cut follows. */
    private void aWriteOnOneLegAlone() {
        MirrorDevice mirror = create(3, two());
        write(mirror, 0, 8, 1);
        legs.get(0).plan(Fault.errno(Errno.EIO));
        legs.get(1).plan(Fault.errno(Errno.EIO));
        refused(mirror.submit(writeOf(0, 8, 2)), Errno.EIO, "read-only");
        crash(mirror);
    }

    /** Until the others know that they are out, what was read could be undone by a start without the leg that has it. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsReadAfterAStartStaysWhateverStartsNext(boolean isKept) {
        aWriteOnOneLegAlone();
        MirrorOptions.Builder options =
                two().settings(small -> small.broken = isKept ? Set.of() : Set.of(Rule.BRING_IN_WHO_IS_OUT));
        List<BlockDevice> all = again(0, 1, 2);
        legs.get(0).plan(Fault.delayed(MOMENT));
        legs.get(1).plan(Fault.delayed(MOMENT));
        MirrorDevice mirror = get(MirrorDevice.open(all, options.build()));
        assertThat(read(mirror, 0, 8)).isEqualTo(Patterns.bytes(0, 8, 2));
        crash(mirror);
        pass(Duration.ofSeconds(1)); // until the slow legs are through with what was asked

        if (isKept) {
            refused(MirrorDevice.open(again(0, 1), two().build()), Errno.ENODEV, "leg 2 (disk-2) is missing");
        } else {
            assertThat(read(open(two(), 0, 1), 0, 8)).isEqualTo(Patterns.bytes(0, 8, 1));
        }
    }

    @Test
    void aStartInWhichTheOthersCannotComeInNeedsAnOperatorsWord() {
        aWriteOnOneLegAlone();
        List<BlockDevice> all = again(0, 1, 2);
        legs.get(0).plan(FAILED_WRITES);
        legs.get(1).plan(FAILED_WRITES);
        refused(
                MirrorDevice.open(all, two().build()),
                Errno.ENODEV,
                "leg 0 (disk-0), leg 1 (disk-1) may start without the others, and cannot be brought in");

        all = again(0, 1, 2);
        legs.get(0).plan(FAILED_WRITES);
        legs.get(1).plan(FAILED_WRITES);
        MirrorDevice mirror =
                watched(get(MirrorDevice.open(all, two().degraded(true).build())));
        assertThat(read(mirror, 0, 8)).isEqualTo(Patterns.bytes(0, 8, 2));
        refused(mirror.submit(writeOf(0, 8, 3)), Errno.EIO, "read-only");
    }

    @Test
    void oneThatComesInIsEnough() {
        aWriteOnOneLegAlone();
        List<BlockDevice> all = again(0, 1, 2);
        legs.get(0).plan(FAILED_WRITES);
        MirrorDevice mirror = watched(get(MirrorDevice.open(all, two().build())));
        assertThat(read(mirror, 0, 8)).isEqualTo(Patterns.bytes(0, 8, 2));
        pass(Duration.ofSeconds(10));
        write(mirror, 0, 8, 3);
        crash(mirror);
        refused(MirrorDevice.open(again(0, 1), two().build()), Errno.ENODEV, "leg 2 (disk-2) is missing");
        assertThat(read(open(two(), 1, 2), 0, 8)).isEqualTo(Patterns.bytes(0, 8, 3));
    }
}
