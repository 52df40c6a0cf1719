package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.LittleEndian;
import io.dmio.mirror.disk.Superblock;
import io.dmio.testkit.Patterns;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
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

    /** The power goes in the middle of it: what is left then must not say what was true before the leg went on alone. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLegWhoseNewerRecordCannotBeUnderstoodIsNoOlderOneWhileItIsOverwritten(boolean isReadable) {
        for (int slot = 0; slot < 2; slot++) {
            for (boolean isAdded : new boolean[] {true, false}) {
                goesOnAloneAndIsOverwritten(slot, isReadable, isAdded);
                List<FaultyDevice> overwritten = List.copyOf(legs);
                CompletableFuture<MirrorDevice> opening = startWithout(NONE, options());
                if (!opening.isCompletedExceptionally()) {
                    assertThat(read(opening.join(), 0, 8))
                            .as("slot %d, added %s", slot, isAdded)
                            .isEqualTo(Patterns.bytes(0, 8, 2));
                }
                overwritten.forEach(leg -> leg.plan(FaultPlan.none()));
                overwritten.forEach(FaultyDevice::release);
            }
        }
    }

    private void goesOnAloneAndIsOverwritten(int slot, boolean isReadable, boolean isAdded) {
        disks.clear();
        legs.clear();
        MirrorDevice mirror = create(2);
        write(mirror, 0, 8, 1);
        legs.get(0).plan(Fault.errno(Errno.EIO));
        get(mirror.submit(new BlockOp.Write(0, writeOf(0, 8, 2).from(), true)));
        crash(mirror);
        newerRecordIs(slot, isReadable);
        again(0, 1);
        FaultyDevice leg = legs.get(1);
        Fault cut = Fault.stalled().on(BlockOp.Kind.WRITE).within(SLOTS, 16).after(1);
        leg.plan(isReadable ? new Fault[] {cut} : new Fault[] {Fault.badSectors(SLOTS + 8L * slot, 8), cut});
        MirrorOptions with = options().overwrite(true).build();
        if (isAdded) {
            MirrorDevice other = get(MirrorDevice.create(List.of(leg("other")), with));
            other.add(leg).subscribe(none -> {}, never -> {});
            pass(Duration.ofMillis(100));
            crash(other);
        } else {
            MirrorDevice.create(List.of(leg), with).subscribe(none -> {}, never -> {});
            pass(Duration.ofMillis(100));
        }
        assertThat(leg.stalledCount()).isEqualTo(1);
    }

    /** The one with which disk 1 went on alone is in this slot, or one of a later format. */
    private void newerRecordIs(int slot, boolean isOfALaterFormat) {
        List<byte[]> slots =
                List.of(disks.get(1).snapshot(SLOTS, 8), disks.get(1).snapshot(SLOTS + 8, 8));
        int newest = Superblock.newest("", DATA + METADATA, slots).slot();
        byte[] newer = slots.get(newest);
        if (isOfALaterFormat) {
            LittleEndian.putInt(newer, 8, 3);
            LittleEndian.putInt(newer, 12, 0);
            CRC32C crc = new CRC32C();
            crc.update(newer);
            LittleEndian.putInt(newer, 12, (int) crc.getValue());
        }
        disks.get(1).load(SLOTS + 8L * slot, newer);
        disks.get(1).load(SLOTS + 8L * (1 - slot), slots.get(1 - newest));
    }
}
