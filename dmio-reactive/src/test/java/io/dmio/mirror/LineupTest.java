package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dmio.DeviceException;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.disk.LegMarks;
import io.dmio.mirror.disk.LegRecord;
import io.dmio.mirror.disk.LegRecord.State;
import io.dmio.mirror.disk.Membership;
import io.dmio.mirror.disk.Superblock;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which leg of several knows best. */
class LineupTest {

    private static final UUID MIRROR = new UUID(1, 2);
    private static final int SECTORS = 4096;

    // Each has the lineage of the next one in its past.
    private static List<LegDisk> legsOfWhichEachIsBehindAnother(int count) {
        return IntStream.range(0, count)
                .mapToObj(index -> {
                    Membership membership = Membership.first(MIRROR, 100 + index, 2048, 128, 1);
                    for (int i = 0; i < count; i++) {
                        LegRecord record = new LegRecord(new UUID(3, i), State.IN, false, LegMarks.at(7), "disk-" + i);
                        membership = membership.with(i, record);
                    }
                    long next = 100L + (index + 1) % count;
                    membership = new Membership(
                            MIRROR, 5, 100 + index, List.of(next), 2048, 128, 0, 1, false, false, membership.legs());
                    return new LegDisk(
                            MemoryDevice.of("disk-" + index, SECTORS),
                            new Superblock(membership, index, SECTORS),
                            0,
                            7,
                            false);
                })
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    void whereEachLegIsBehindAnotherAnOperatorSaysWhichCounts(int count) {
        List<LegDisk> legs = legsOfWhichEachIsBehindAnother(count);
        DeviceException refusal =
                catchThrowableOfType(DeviceException.class, () -> Lineup.of(legs, new MirrorSettings()));
        assertThat(refusal.reason()).contains(MirrorRefusal.SPLIT_BRAIN);
        assertThat(refusal).hasMessageContaining("disk-0").hasMessageContaining("none is the newest");

        MirrorSettings trusting = new MirrorSettings();
        trusting.trusted = 1;
        Membership membership = Lineup.of(legs, trusting).membership();
        assertThat(membership.inMask()).isEqualTo(1 << 1);
        assertThat(legs).allMatch(leg -> membership.descendsFrom(leg.mark().membership()));
    }
}
