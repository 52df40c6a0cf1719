package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.testkit.Patterns;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Starts where one of a leg's two superblocks cannot be read: it may be the newer one. */
class MirrorSlotsTest extends MirrorFixture {

    private static final int NONE = -1;

    /** What cannot be read may tell that the leg went on alone; the other leg does not know of that. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatALegAloneHasIsNotGivenUpForAnOlderRecordOnlyIfItsNewerOneWasRead(boolean isKept) {
        MirrorOptions.Builder with = options()
                .equalAlready(true)
                .settings(small -> small.broken = isKept ? Set.of() : Set.of(Rule.READ_BOTH_SLOTS));
        boolean lost = IntStream.range(0, 2).anyMatch(slot -> isOldAfterAStartWithout(slot, with));
        assertThat(lost).isEqualTo(!isKept);
    }

    private boolean isOldAfterAStartWithout(int slot, MirrorOptions.Builder with) {
        disks.clear();
        legs.clear();
        MirrorDevice mirror = create(2, with);
        write(mirror, 0, 8, 1);
        legs.get(0).plan(Fault.errno(Errno.EIO));
        get(mirror.submit(new BlockOp.Write(0, writeOf(0, 8, 2).from(), true)));
        crash(mirror);
        CompletableFuture<MirrorDevice> opening = startWithout(slot, with);
        if (opening.isCompletedExceptionally()) {
            assertThat(opening)
                    .failsWithin(Duration.ZERO)
                    .withThrowableThat()
                    .withMessageContaining("may tell that it took writes alone");
            opening = startWithout(NONE, with);
        }
        return Arrays.equals(read(opening.join(), 0, 8), Patterns.bytes(0, 8, 1));
    }

    @Test
    void aLegStartsWhereAnotherOneHasALaterRecordByWhichItTakesPart() {
        long started = IntStream.range(0, 2).filter(this::startsWithout).count();
        assertThat(started).isEqualTo(1);
    }

    private boolean startsWithout(int slot) {
        disks.clear();
        legs.clear();
        crash(create(2, options().equalAlready(true)));
        crash(open(options(), 0, 1)); // so that both superblocks are written
        CompletableFuture<MirrorDevice> opening = startWithout(slot, options());
        if (!opening.isCompletedExceptionally()) {
            crash(opening.join());
        }
        return !opening.isCompletedExceptionally();
    }

    @Test
    void anOperatorMayTakeTheLegByItsOlderRecord() {
        crash(create(2, options().equalAlready(true)));
        crash(open(options(), 0, 1));
        for (int slot = 0; slot < 2; slot++) {
            crash(startWithout(slot, options().degraded(true)).join());
        }
    }

    private CompletableFuture<MirrorDevice> startWithout(int slot, MirrorOptions.Builder with) {
        List<BlockDevice> both = again(0, 1);
        if (slot != NONE) {
            legs.get(1).plan(Fault.badSectors(LegLayout.slotSector(DATA + METADATA, slot), 8));
        }
        CompletableFuture<MirrorDevice> opening =
                MirrorDevice.open(both, with.build()).toFuture();
        pass(Duration.ofMinutes(1));
        return opening;
    }
}
