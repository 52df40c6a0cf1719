package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.mirror.disk.LegLayout;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Legs far away, or disks that are never quick: each operation takes long, and nothing is wrong with them. */
class OwnerSlowTest extends OwnerFixture {

    private static final long MARK = LegLayout.ownerSector(DATA + METADATA);

    private CompletableFuture<MirrorDevice> openSlow(int millis) {
        get(create(2).close());
        List<BlockDevice> devices = again(0, 1);
        slow(millis);
        return MirrorDevice.open(devices, options().build()).toFuture();
    }

    private void slow(int millis) {
        legs.forEach(leg -> leg.plan(FaultPlan.of(Fault.delayed(Duration.ofMillis(millis)))));
    }

    private void actsOnAndOn(MirrorDevice mirror) {
        for (int i = 0; i < 1_000; i++) {
            pass(Duration.ofMillis(100));
            assertThat(mirror.mirror().owner().mayAct())
                    .as("after %d ms", i * 100)
                    .isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {62, 63, 100, 200, 450})
    void legsThatAreSlowWithEachMarkAreOwnedAllTheSame(int millis) {
        CompletableFuture<MirrorDevice> opening = openSlow(millis);
        pass(Duration.ofMinutes(1));
        assertThat(opening).isCompleted();
        MirrorDevice mirror = opening.join();
        actsOnAndOn(mirror);
        write(mirror, 0, 8, 1);
        get(mirror.close());
        allHold(0, 8, 1);
        assertThat(mark(0).owner().open()).isFalse();
    }

    /** The beats that the options advise for such legs, and shorter ones. */
    @ParameterizedTest
    @CsvSource({
        "5000, 4, 100",
        "5000, 4, 500",
        "5000, 4, 1000",
        "1000, 4, 100",
        "1000, 4, 400",
        "1000, 5, 350",
        "1000, 3, 100",
        "1000, 3, 200",
        "1000, 2, 75",
        "1000, 2, 110",
        "5000, 2, 500",
        "5000, 10, 1000"
    })
    void slowLegsAreOwnedByWhoGivesThemTime(int interval, int patience, int millis) {
        MirrorOptions.Builder given = given(interval, patience);
        get(create(2).close());
        List<BlockDevice> devices = again(0, 1);
        slow(millis);
        owned(MirrorDevice.open(devices, given.build()).toFuture());
        List<BlockDevice> blank = List.of(leg("c"), leg("d"));
        slow(millis);
        owned(MirrorDevice.create(blank, given.build()).toFuture());
    }

    private MirrorOptions.Builder given(int interval, int patience) {
        return options().owner(OwnerOptions.defaults().withBeat(Duration.ofMillis(interval), patience));
    }

    private void owned(CompletableFuture<MirrorDevice> starting) {
        pass(Duration.ofMinutes(4));
        assertThat(starting).isCompleted();
        MirrorDevice mirror = starting.join();
        actsOnAndOn(mirror);
        CompletableFuture<Void> closing = mirror.close().toFuture();
        pass(Duration.ofMinutes(1));
        assertThat(closing).isCompleted();
    }

    @ParameterizedTest
    @CsvSource({"1000, 2, 150", "1000, 2, 300", "1000, 3, 300", "1000, 3, 450", "5000, 2, 1000", "1000, 4, 550"})
    void whoGivesSlowLegsTooLittleTimeIsToldSo(int interval, int patience, int millis) {
        get(create(2).close());
        List<BlockDevice> devices = again(0, 1);
        legs.get(1).plan(FaultPlan.of(Fault.delayed(Duration.ofMillis(millis))));
        CompletableFuture<MirrorDevice> opening =
                MirrorDevice.open(devices, given(interval, patience).build()).toFuture();
        pass(Duration.ofMinutes(4));
        assertThat(opening)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isInstanceOfSatisfying(DeviceException.class, why -> {
                    assertThat(why.errno()).isEqualTo(Errno.ETIMEDOUT);
                    assertThat(why.device()).isEqualTo("disk-1");
                    assertThat(why).hasMessageContaining("was read and written in");
                });
    }

    @Test
    void aStartThatWaitsSaysWhatFor() {
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        Logger log = (Logger) LoggerFactory.getLogger(ClaimPause.class);
        lines.start();
        log.addAppender(lines);
        log.setLevel(Level.INFO);
        try {
            CompletableFuture<MirrorDevice> quick = openSlow(10);
            pass(Duration.ofSeconds(5));
            assertThat(quick).isCompleted();
            assertThat(lines.list).isEmpty();
            legs.clear();
            disks.clear();
            CompletableFuture<MirrorDevice> slow = openSlow(100);
            pass(Duration.ofSeconds(5));
            assertThat(slow).isNotDone();
            assertThat(lines.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .singleElement()
                    .asString()
                    .matches(".+: waits \\d+ s to see whether another has the mirror");
        } finally {
            log.setLevel(null);
            log.detachAppender(lines);
        }
    }

    @Test
    void legsThatAreTooSlowToBeOwnedAreRefusedWithTheReason() {
        CompletableFuture<MirrorDevice> opening = openSlow(600);
        pass(Duration.ofMinutes(2));
        assertThat(opening)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isInstanceOfSatisfying(DeviceException.class, why -> {
                    assertThat(why.errno()).isEqualTo(Errno.ETIMEDOUT);
                    assertThat(why).hasMessageContaining("was read and written in 1,200 ms");
                });
    }

    @Test
    void anOwnerOfSlowLegsThatWasHeldUpGivesUpInsteadOfFailingAllForEver() {
        for (int millis : new int[] {100, 200}) { // slow with look and mark together, and with each look
            MirrorDevice mirror = watched(create(2));
            legs.forEach(leg -> leg.plan(FaultPlan.of(Fault.delayed(Duration.ofMillis(millis)))));
            pass(Duration.ofSeconds(5));
            pause(mirror);
            pass(LEASE.plusSeconds(1));
            goOn(mirror);
            pass(Duration.ofSeconds(20));
            assertThat(mirror.mirror().runtime().lost()).isNotNull().hasMessageContaining("open it anew");
            assertThat(kinds()).contains(MirrorEvent.Kind.OWNER_LOST).doesNotContain(MirrorEvent.Kind.LEG_FAILED);
            events.clear();
            legs.clear();
            disks.clear();
        }
    }

    /** Whoever waits for the owner makes it look at once, at any moment while its mark has to stand. */
    @Test
    void aLookRightBeforeTheMarkIsProvenDoesNotPutThatOff() {
        for (int millis = 40; millis <= 300; millis += 10) {
            MirrorDevice mirror = create(2);
            legs.forEach(leg -> leg.plan(FaultPlan.of(Fault.delayed(Duration.ofMillis(20)))));
            pass(Duration.ofSeconds(5));
            pause(mirror);
            pass(LEASE.plusSeconds(1));
            goOn(mirror);
            pass(Duration.ofMillis(millis));
            CompletableFuture<Void> write = start(mirror, writeOf(0, 8, 1));
            pass(Duration.ofSeconds(1));
            assertThat(write).as("written after %d ms", millis).isCompleted();
            get(mirror.close());
            legs.clear();
            disks.clear();
        }
    }

    /** The one that acts finds that only with its next look, so whoever comes next has to wait for it. */
    @Test
    void aStartWhoseMarkCameLateOverThatOfAnotherLeavesItThereIfItFails() {
        get(create(2).close());
        List<BlockDevice> late = again(0, 1);
        late.forEach(leg -> ((FaultyDevice) leg)
                .plan(FaultPlan.of(
                        Fault.delayed(Duration.ofSeconds(2))
                                .on(BlockOp.Kind.WRITE)
                                .within(MARK, 8),
                        Fault.errno(Errno.EIO)
                                .on(BlockOp.Kind.READ)
                                .within(MARK, 8)
                                .nth(3))));
        CompletableFuture<MirrorDevice> failing =
                MirrorDevice.open(late, options().build()).toFuture();
        pass(Duration.ofSeconds(1));
        MirrorDevice acting = get(MirrorDevice.open(again(0, 1), on("beta", 2).build()));
        pause(acting);
        pass(Duration.ofSeconds(2));
        assertThat(mark(0).owner().host()).isEqualTo("alpha");
        pass(Duration.ofMinutes(1));
        assertThat(failing).isCompletedExceptionally();
        assertThat(mark(0).owner().open()).isTrue();
        goOn(acting);
        pass(Duration.ofSeconds(2));
        get(acting.close());
    }
}
