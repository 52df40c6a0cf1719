package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.mirror.disk.LegMarks;
import io.dmio.mirror.disk.LegRecord;
import io.dmio.mirror.disk.LegRecord.State;
import io.dmio.mirror.disk.Membership;
import io.dmio.mirror.disk.Superblock;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Who a device is that answers where a leg was. */
class IdentityTest {

    private static final UUID MIRROR = new UUID(1, 2);
    private static final LegRecord FIRST = new LegRecord(new UUID(3, 4), State.IN, false, LegMarks.NONE, "a");
    private static final LegRecord SECOND = new LegRecord(new UUID(5, 6), State.IN, false, LegMarks.NONE, "b");

    private final Membership both = membership(MIRROR);
    private final Membership alone =
            both.drop(1, SECOND.out(new LegMarks(7, 8)), 43).next();

    @Test
    void aLegWithTheMarkItLeftWithOrTheOneThatWasOnItsWayIsAsItLeft() {
        assertThat(kind(both, 7)).isEqualTo(Identity.Kind.AS_IT_LEFT);
        assertThat(kind(both, 8)).isEqualTo(Identity.Kind.AS_IT_LEFT);
    }

    @Test
    void aLegInAnOlderOrUnknownStateGetsEverything() {
        assertThat(kind(both, 6)).isEqualTo(Identity.Kind.OLDER);
        assertThat(kind(both, 9)).isEqualTo(Identity.Kind.OLDER);
        assertThat(kind(both, LegMarks.UNKNOWN)).isEqualTo(Identity.Kind.OLDER);
    }

    @Test
    void aLegThatIsToGetEverythingIsAsItLeftOnlyWithTheBatchThatSaysSo() {
        assertThat(LegMarks.at(LegMarks.UNKNOWN)).isEqualTo(LegMarks.NONE);
        assertThat(LegMarks.NONE.include(LegMarks.UNKNOWN)).isFalse();
        assertThat(LegMarks.NONE.sent(9)).isEqualTo(LegMarks.at(9));
        assertThat(LegMarks.at(7).sent(9)).isEqualTo(new LegMarks(7, 9));
    }

    @Test
    void aLegThatWentOnByItselfIsStrangeWhateverItsMark() {
        Membership other = both.drop(0, FIRST.out(LegMarks.NONE), 99).next();
        assertThat(kind(other, 8)).isEqualTo(Identity.Kind.STRANGE);
    }

    @Test
    void anotherMirrorsLegAndAnotherLegAreStrange() {
        assertThat(kind(membership(new UUID(1, 3)), 7)).isEqualTo(Identity.Kind.STRANGE);
        assertThat(Identity.of(alone, 1, disk(both, 0, 7)).why()).contains("is leg " + FIRST.id() + " now");
    }

    @Test
    void aLegThatWasAwayForTooManyLineagesIsToldSo() {
        Membership late = alone;
        for (int i = 0; i < Membership.HISTORY_MAX; i++) {
            late = late.drop(0, FIRST, 1000 + i).next();
        }
        Identity identity = Identity.of(late, 1, disk(both, 1, 7));
        assertThat(identity.kind()).isEqualTo(Identity.Kind.STRANGE);
        assertThat(identity.why()).contains("more than 128 lineages");
    }

    private Identity.Kind kind(Membership says, long batch) {
        return Identity.of(alone, 1, disk(says, 1, batch)).kind();
    }

    private static LegDisk disk(Membership says, int index, long batch) {
        return new LegDisk(MemoryDevice.of("b", 4096), new Superblock(says, index, 4096), 0, batch, false);
    }

    private static Membership membership(UUID mirror) {
        Membership first =
                Membership.first(mirror, 42, 2048, 128, 1).with(0, FIRST).with(1, SECOND);
        return new Membership(mirror, 5, 42, List.of(), 2048, 128, 0, 1, false, false, first.legs());
    }
}
