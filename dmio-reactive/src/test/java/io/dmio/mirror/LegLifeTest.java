package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.mirror.LegLife.Event;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The table of a leg's life: where each event leads, and which cannot be. */
class LegLifeTest {

    @Test
    void aLegComesInStepByStep() {
        assertThat(LegLife.OUT.after(Event.ASKED)).isEqualTo(LegLife.PROBING);
        assertThat(LegLife.PROBING.after(Event.SILENT)).isEqualTo(LegLife.OUT);
        assertThat(LegLife.PROBING.after(Event.KNOWN)).isEqualTo(LegLife.CLAIMING);
        assertThat(LegLife.CLAIMING.after(Event.MARKED)).isEqualTo(LegLife.JOINING);
        assertThat(LegLife.JOINING.after(Event.NOTED)).isEqualTo(LegLife.ENTERING);
        assertThat(LegLife.ENTERING.after(Event.RECORDED)).isEqualTo(LegLife.SYNCING);
        assertThat(LegLife.SYNCING.after(Event.WHOLE)).isEqualTo(LegLife.IN_SYNC);
        assertThat(LegLife.IN_SYNC.after(Event.SPOILT)).isEqualTo(LegLife.SYNCING);
    }

    @ParameterizedTest
    @EnumSource
    void itCanBeDroppedAtAnyTime(LegLife life) {
        assertThat(life.after(Event.DROPPED)).isEqualTo(LegLife.OUT);
    }

    @Test
    void nobodyIsInSyncBeforeThatIsOnRecord() {
        for (LegLife life : EnumSet.complementOf(EnumSet.of(LegLife.SYNCING, LegLife.IN_SYNC))) {
            assertThatThrownBy(() -> life.after(Event.WHOLE)).isInstanceOf(IllegalStateException.class);
        }
        assertThatThrownBy(() -> LegLife.JOINING.after(Event.RECORDED))
                .hasMessageContaining("JOINING cannot be RECORDED");
    }

    @ParameterizedTest
    @EnumSource
    void whoTakesPartGetsTheBitmapAndWhoIsNewCanBeSpared(LegLife life) {
        assertThat(life.getsMark()).isEqualTo(life.getsBitmap() || life == LegLife.CLAIMING);
        assertThat(life.getsBitmap()).isEqualTo(life.takesPart() || life == LegLife.JOINING);
        assertThat(life.isNew())
                .isEqualTo(Set.of(LegLife.CLAIMING, LegLife.JOINING, LegLife.ENTERING)
                        .contains(life));
    }
}
