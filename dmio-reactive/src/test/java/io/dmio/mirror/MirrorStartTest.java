package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Planes;
import io.dmio.mirror.disk.SizeText;
import io.dmio.testkit.Patterns;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What may start starts, what may not is refused with a leg's name and a reason, and nothing is changed then. */
class MirrorStartTest extends MirrorFixture {

    @Test
    void aNewMirrorCopiesItsFirstLegToTheOthersAndTellsWhenItIsThrough() {
        MemoryDevice first = MemoryDevice.of("disk-0", DATA + METADATA);
        first.load(0, Patterns.bytes(0, CHUNK, 7));
        leg(first);
        leg("disk-1");
        leg("disk-2");
        MirrorDevice mirror = watched(get(MirrorDevice.create(legs, options().build())));
        get(mirror.resync());
        assertThat(mirror.info().sectorCount()).isEqualTo(DATA);
        allHold(0, CHUNK, 7);
        legsAreEqual();
        assertThat(status(mirror).isInSync()).isTrue();
        assertThat(status(mirror).lastEvents())
                .filteredOn(event -> event.kind() == MirrorEvent.Kind.LEG_IN_SYNC)
                .hasSize(2);
    }

    @Test
    void aNewMirrorIsAsLargeAsItWasAskedToBeAndGrowsIntoTheRest() {
        leg("disk-0");
        leg("disk-1");
        MirrorDevice small = get(MirrorDevice.create(
                legs, options().sectorCount(DATA / 2).equalAlready(true).build()));
        assertThat(small.info().sectorCount()).isEqualTo(DATA / 2);
        get(small.close());
        MirrorDevice grown = get(MirrorDevice.grow(again(0, 1), DATA, options().build()));
        assertThat(grown.info().sectorCount()).isEqualTo(DATA);
        get(grown.close());
    }

    @Test
    void aNewMirrorThatALegHasNoRoomForIsRefusedByTheLegsName() {
        leg("disk-0");
        leg("disk-1");
        refused(
                MirrorDevice.create(legs, options().sectorCount(DATA + 8).build()),
                Errno.ENOSPC,
                "disk-0: has room for " + SizeText.of(DATA) + " of data, not for " + SizeText.of(DATA + 8));
        assertThatThrownBy(() -> options().sectorCount(7)).hasMessageContaining("multiple of 8");
        assertThatThrownBy(() -> options().sectorCount(0)).hasMessageContaining("multiple of 8");
    }

    @Test
    void legsSaidToBeEqualAreNotCopied() {
        MirrorDevice mirror = create(3);
        assertThat(status(mirror).isInSync()).isTrue();
        assertThat(legs.get(0).ops(BlockOp.Kind.READ)).isLessThanOrEqualTo(4); // its slots, twice
    }

    @Test
    void aLegThatCarriesAMirrorIsNotOverwrittenUnasked() {
        get(create(2).close());
        List<MemoryDevice> before = List.copyOf(disks);
        String slots = before.get(0).sha256(DATA, METADATA);
        refused(MirrorDevice.create(again(0, 1), options().build()), Errno.EEXIST, "disk-0: carries a mirror already");
        assertThat(before.get(0).sha256(DATA, METADATA)).isEqualTo(slots);
        get(MirrorDevice.create(again(0, 1), options().overwrite(true).build()));
    }

    @Test
    void legsMayBeGivenInAnyOrder() {
        MirrorDevice mirror = create(3);
        write(mirror, 5, 10, 1);
        get(mirror.close());
        MirrorDevice opened = open(options(), 2, 0, 1);
        assertThat(read(opened, 5, 10)).isEqualTo(Patterns.bytes(5, 10, 1));
        assertThat(status(opened).legs()).extracting(LegStatus::name).containsExactly("disk-0", "disk-1", "disk-2");
    }

    @Test
    void aForeignLegIsRefused() {
        get(create(2).close());
        leg("stranger");
        refused(MirrorDevice.open(again(0, 1, 2), options().build()), Errno.EINVAL, "stranger: carries no mirror");
    }

    @Test
    void aLegOfAnotherMirrorIsRefused() {
        get(create(1).close());
        leg("other");
        get(get(MirrorDevice.create(again(1), options().build())).close());
        refused(MirrorDevice.open(again(0, 1), options().build()), Errno.EINVAL, "other: belongs to mirror");
    }

    @Test
    void aCopyOfALegIsRefused() {
        get(create(1).close());
        leg("copy");
        disks.get(1).load(0, disks.get(0).snapshot(0, (int) DATA + METADATA));
        refused(MirrorDevice.open(again(0, 1), options().build()), Errno.EINVAL, "copy: is the same leg as disk-0");
    }

    @Test
    void aLegThatWasPutBackToAnOlderStateIsNotChosenForWhatWasWrittenSince() {
        MirrorDevice mirror = create(2, options().equalAlready(true).cleanAfter(Duration.ofMillis(100)));
        write(mirror, 0, 8, 1);
        byte[] older = disks.get(0).snapshot(0, (int) DATA + METADATA);
        for (int i = 0; i < 8; i++) { // all the time, so that its chunk is never clean
            pass(Duration.ofMillis(40));
            write(mirror, 0, 8, 2);
        }
        crash(mirror);
        disks.get(0).load(0, older);
        MirrorDevice opened = open(options(), 0, 1);
        assertThat(read(opened, 0, 8)).isEqualTo(Patterns.bytes(0, 8, 2));
        get(opened.resync());
        allHold(0, 8, 2);
    }

    @Test
    void aLegThatWasPutBackToWhileItWasCopiedStillLacksTheRest() {
        IntStream.range(0, 2).forEach(i -> leg("disk-" + i));
        disks.get(0).load(0, Patterns.bytes(0, (int) DATA, 1));
        MirrorDevice mirror = get(MirrorDevice.create(legs, options().build()));
        byte[] older = disks.get(1).snapshot(0, (int) DATA + METADATA);
        get(mirror.resync());
        crash(mirror);
        disks.get(1).load(0, older);
        MirrorDevice opened = open(options(), 1, 0);
        for (int i = 0; i < 4; i++) {
            assertThat(read(opened, 80, 8)).isEqualTo(Patterns.bytes(80, 8, 1));
        }
        get(opened.resync());
        allHold(0, (int) DATA, 1);
    }

    /** One leg lacks a chunk, and the mark of the other is spoilt, as by a write that failed right before the crash. */
    private void spoilsTheMarkOfTheOneThatIsWhole() {
        MirrorDevice mirror = create(2, options().equalAlready(true));
        write(mirror, 0, 16, 1);
        pass(Duration.ofSeconds(30)); // nothing is dirty
        mirror.pause();
        legs.get(1).plan(Fault.errno(Errno.EIO));
        write(mirror, 0, 8, 2);
        legs.get(1).plan(FaultPlan.none());
        pass(Duration.ofMinutes(1));
        assertThat(status(mirror).legs().get(1).staleChunks()).isEqualTo(1);
        crash(mirror);
        long mark = LegLayout.of("disk-0", DATA + METADATA, CHUNK).unitSector(Planes.DIRTY, 0);
        disks.get(0).load(mark, Patterns.bytes(mark, LegLayout.UNIT_SECTORS, 666));
    }

    @Test
    void aLegWhoseMarkIsSpoiltCountsForWhatItAloneHas() {
        spoilsTheMarkOfTheOneThatIsWhole();
        MirrorDevice opened = open(options(), 0, 1);
        assertThat(read(opened, 0, 8)).isEqualTo(Patterns.bytes(0, 8, 2));
        get(opened.resync());
        allHold(0, 8, 2);
        allHold(8, 8, 1);
    }

    @Test
    void aLegWhoseMarkIsSpoiltIsNotChosenForWhatAnotherHas() {
        spoilsTheMarkOfTheOneThatIsWhole();
        disks.get(0).load(2L * CHUNK, Patterns.bytes(2L * CHUNK, 8, 3)); // not what was written there last
        MirrorDevice opened = open(options(), 0, 1);
        for (int i = 0; i < 4; i++) {
            assertThat(read(opened, 2L * CHUNK, 8)).isEqualTo(new byte[8 * 512]);
        }
        get(opened.resync());
        legsAreEqual();
    }

    @Test
    void aLegThatIsTooSmallOrReadOnlyIsRefused() {
        leg(MemoryDevice.of("tiny", 150));
        refused(MirrorDevice.create(legs, options().build()), Errno.ENOSPC, "tiny: too small");
    }

    @Test
    void aLegTornInBothSlotsIsRefusedAndInOneIsNot() {
        get(create(2).close());
        byte[] noise = Patterns.bytes(0, 1, 3);
        disks.get(1).load(SLOTS + 3, noise);
        get(open(options(), 0, 1).close());
        disks.get(1).load(SLOTS + 3, noise);
        disks.get(1).load(SLOTS + 8 + 3, noise);
        refused(MirrorDevice.open(again(0, 1), options().build()), Errno.EILSEQ, "disk-1: both superblocks are torn");
    }

    @Test
    void aLegThatIsKnownToBeOutMayBeMissing() {
        MirrorDevice mirror = create(2);
        legs.get(1).plan(Fault.errno(Errno.EIO));
        write(mirror, 0, 8, 1);
        crash(mirror);
        MirrorDevice opened = open(options(), 0);
        assertThat(read(opened, 0, 8)).isEqualTo(Patterns.bytes(0, 8, 1));
        assertThat(status(opened).legs().get(1).state()).isEqualTo(LegState.MISSING);
    }

    @Test
    void aLegThatMayHaveGoneOnAloneMustNotBeMissing() {
        get(create(2).close());
        refused(MirrorDevice.open(again(0), options().build()), Errno.ENODEV, "leg 1 (disk-1) is missing");
        MirrorDevice degraded = open(options().degraded(true), 0);
        assertThat(status(degraded).legs().get(1).state()).isEqualTo(LegState.MISSING);
    }

    @Test
    void aMajorityMayStartWhereWritesNeedOne() {
        get(create(3, options().legsMin(2).equalAlready(true)).close());
        assertThat(status(open(options(), 0, 2)).writable()).isTrue();
    }

    @Test
    void aStaleLegIsFollowedByNobody() {
        MirrorDevice mirror = create(2);
        legs.get(0).plan(Fault.errno(Errno.EIO));
        write(mirror, 0, 8, 1);
        crash(mirror);
        MirrorDevice opened = open(options(), 0, 1);
        assertThat(read(opened, 0, 8)).isEqualTo(Patterns.bytes(0, 8, 1));
        get(opened.resync());
        allHold(0, 8, 1);
    }

    @Test
    void legsThatWentOnWithoutEachOtherAreRefusedUntilOneIsTrusted() {
        get(create(2).close());
        MirrorDevice left = open(options().degraded(true), 0);
        write(left, 0, 8, 1);
        get(left.close());
        MirrorDevice right = open(options().degraded(true), 1);
        write(right, 64, 8, 2);
        get(right.close());
        refused(
                MirrorDevice.open(again(0, 1), options().build()),
                Errno.EINVAL,
                "went on without disk-0, and that without it");
        MirrorDevice trusted = open(options().trust(1), 0, 1);
        get(trusted.resync());
        allHold(64, 8, 2);
        legsAreEqual();
        assertThat(read(trusted, 0, 8)).isEqualTo(new byte[8 * 512]);
    }

    @Test
    void aMirrorGrowsIntoTheRoomOfItsLegsAndStaysEqual() {
        for (int i = 0; i < 2; i++) {
            leg(MemoryDevice.of("disk-" + i, DATA + METADATA + 640));
            disks.get(i).load(DATA, Patterns.bytes(DATA, 600, i)); // differs
        }
        leg("small");
        get(get(MirrorDevice.create(legs, options().equalAlready(true).build())).close());
        refused(MirrorDevice.grow(again(0, 1, 2), DATA + 300, options().build()), Errno.ENOSPC, "small: has room for");
        MirrorDevice three = open(options(), 0, 1, 2);
        get(three.remove(2));
        get(three.close());
        MirrorDevice grown =
                get(MirrorDevice.grow(again(0, 1), DATA + 300, options().build()));
        get(grown.resync());
        assertThat(grown.info().sectorCount()).isEqualTo(DATA + 300);
        assertThat(disks.get(1).snapshot(0, (int) DATA + 300))
                .isEqualTo(disks.get(0).snapshot(0, (int) DATA + 300));
        get(grown.close());
        assertThat(open(options(), 0, 1).info().sectorCount()).isEqualTo(DATA + 300);
    }

    @Test
    void impossibleOptionsAreRefusedAtOnce() {
        assertThatThrownBy(() -> options().chunkBytes(100_000)).hasMessageContaining("power of two");
        assertThatThrownBy(() -> options().chunkBytes(32 << 10)).hasMessageContaining("65536");
        assertThatThrownBy(() -> options().legsMin(17)).hasMessageContaining("17");
        assertThatThrownBy(() -> get(MirrorDevice.create(List.of(), options().build())))
                .hasMessageContaining("0 legs");
        leg("once");
        assertThatThrownBy(() -> get(MirrorDevice.create(
                        List.of(legs.get(0), legs.get(0)), options().build())))
                .hasMessageContaining("once is given twice");
    }
}
