package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.mirror.MirrorEvent.Kind;
import io.dmio.mirror.MirrorEvent.Severity;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What an operator hears of a mirror. */
class MirrorEventsTest extends MirrorFixture {

    @Test
    void whoComesLateHearsOfTheStartAndOfAllSinceAlsoAfterTheEnd() {
        MirrorDevice mirror = create(2);
        legs.get(1).plan(Fault.errno(Errno.EIO));
        write(mirror, 0, 8, 1);
        CompletableFuture<List<MirrorEvent>> late =
                mirror.events().collectList().toFuture();
        get(mirror.close());
        List<MirrorEvent> afterTheEnd = get(mirror.events().collectList());
        assertThat(afterTheEnd).extracting(MirrorEvent::kind).containsExactly(Kind.STARTED, Kind.LEG_FAILED);
        assertThat(afterTheEnd).extracting(MirrorEvent::number).containsExactly(1L, 2L);
        assertThat(late.join()).isEqualTo(afterTheEnd);
        assertThat(get(mirror.events(1).collectList())).isEqualTo(afterTheEnd.subList(1, 2));
    }

    @Test
    void aLegsFailureIsAWarningAndTheLastOnesAnErrorThatIsToldOnceAMinute() {
        MirrorDevice mirror = create(2);
        legs.forEach(
                leg -> leg.plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(0, DATA)));
        for (int i = 0; i < 3; i++) {
            refused(mirror.submit(writeOf(0, 8, 1)), Errno.EIO, "EIO");
        }
        List<Kind> failures = List.of(Kind.LEG_FAILED, Kind.LAST_LEG_FAILED);
        assertThat(kinds()).filteredOn(failures::contains).containsExactlyElementsOf(failures);
        assertThat(events)
                .filteredOn(event -> failures.contains(event.kind()))
                .extracting(MirrorEvent::severity)
                .containsExactly(Severity.WARNING, Severity.ERROR);
        pass(Duration.ofMinutes(1));
        refused(mirror.submit(writeOf(0, 8, 1)), Errno.EIO, "EIO");
        assertThat(kinds()).filteredOn(Kind.LAST_LEG_FAILED::equals).hasSize(2);
        legs.forEach(leg -> leg.plan(FaultPlan.none()));
        get(mirror.close());
    }

    @Test
    void aReadThatNoLegCanServeIsTheLastLegsFailure() {
        MirrorDevice mirror = create(2);
        legs.forEach(
                leg -> leg.plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.READ).within(0, 8)));
        refused(mirror.submit(new BlockOp.Read(0, Unpooled.buffer(512))), Errno.EIO, "no leg could read it");
        assertThat(kinds()).containsExactly(Kind.READ_ERROR, Kind.READ_ERROR, Kind.LAST_LEG_FAILED);
        get(mirror.close());
    }

    @Test
    void aLegThatAnotherStandsInForIsNotTheLast() {
        MirrorDevice mirror = create(2);
        legs.get(0).plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.READ).within(0, 8));
        read(mirror, 0, 8);
        legs.get(1).plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(0, DATA));
        write(mirror, 64, 8, 1);
        assertThat(kinds()).contains(Kind.LEG_FAILED).doesNotContain(Kind.LAST_LEG_FAILED);
        legs.get(1).plan(FaultPlan.none());
        get(mirror.close());
    }
}
