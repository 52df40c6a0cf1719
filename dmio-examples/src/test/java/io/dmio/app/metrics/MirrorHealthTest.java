package io.dmio.app.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.mirror.LegErrors;
import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorEvent;
import io.dmio.mirror.MirrorStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a mirror's status comes to for whoever watches it. */
class MirrorHealthTest {

    private static Health health(LegState second, boolean writable, MirrorEvent.Kind... events) {
        return health(Instant.EPOCH.plusSeconds(60), second, writable, events);
    }

    private static Health health(Instant now, LegState second, boolean writable, MirrorEvent.Kind... events) {
        List<MirrorEvent> all = List.of(events).stream()
                .map(kind -> new MirrorEvent(1, Instant.EPOCH, kind, -1, "that is why"))
                .toList();
        return MirrorHealth.of(
                new MirrorStatus(
                        new UUID(0, 1),
                        1,
                        8,
                        8,
                        List.of(leg(0, LegState.IN_SYNC), leg(1, second)),
                        1,
                        0,
                        0,
                        writable,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        all),
                now);
    }

    private static LegStatus leg(int index, LegState state) {
        return new LegStatus(index, "leg-" + index, new UUID(0, 2), state, false, 0, 0, LegErrors.NONE);
    }

    @Test
    void eachStateOfHealthIsToldApartByItsCodeOrItsWords() {
        assertThat(health(LegState.IN_SYNC, true)).isEqualTo(Health.of(Health.State.READY));
        assertThat(health(LegState.SET_ASIDE, true))
                .isEqualTo(Health.of(Health.State.DEGRADED, "leg 1 (leg-1) is set aside"));
        assertThat(health(LegState.FAILED, false))
                .isEqualTo(Health.of(
                        Health.State.UNREADY,
                        "writes are refused: too few legs are in sync",
                        "leg 1 (leg-1) is failed"));
        assertThat(health(LegState.IN_SYNC, true, MirrorEvent.Kind.OWNER_LOST))
                .isEqualTo(Health.of(Health.State.DEAD, "that is why"));
        assertThat(health(LegState.FAILED, true, MirrorEvent.Kind.LAST_LEG_FAILED))
                .isEqualTo(Health.of(Health.State.UNREADY, "that is why", "leg 1 (leg-1) is failed"));
        assertThat(health(LegState.IN_SYNC, true, MirrorEvent.Kind.LEG_FAILED).state())
                .isEqualTo(Health.State.READY); // it is back
    }

    @Test
    void aClockThatIsPutBackDoesNotKeepItUnready() {
        Instant before = Instant.EPOCH.minusSeconds(3 * 3600);
        assertThat(health(before, LegState.IN_SYNC, true, MirrorEvent.Kind.LAST_LEG_FAILED))
                .isEqualTo(Health.of(Health.State.READY));
        assertThat(health(Instant.EPOCH.minusSeconds(1), LegState.IN_SYNC, true, MirrorEvent.Kind.LAST_LEG_FAILED)
                        .state())
                .as("a clock is put right by a little all the time")
                .isEqualTo(Health.State.UNREADY);
    }

    @Test
    void onlyWhatANewStartWouldHelpIsNotLiveAndOnlyWhatServesIsReady() {
        assertThat(Health.State.values()).filteredOn(state -> !state.live()).containsExactly(Health.State.DEAD);
        assertThat(Health.State.values())
                .filteredOn(Health.State::ready)
                .containsExactly(Health.State.READY, Health.State.DEGRADED);
        assertThat(Health.State.READY.code()).isEqualTo(200);
        assertThat(Health.State.DEGRADED.code()).isEqualTo(429);
        assertThat(Health.State.UNREADY.code()).isEqualTo(503);
    }
}
