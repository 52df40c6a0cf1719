package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.testkit.Patterns;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Histories that need a rule about what is on record when. Each is played with the rule, and without, where what was answered is gone. */
class MirrorRecordTest extends MirrorFixture {

    private MirrorOptions.Builder options(Rule rule, boolean isKept) {
        return options().settings(small -> small.broken = isKept ? Set.of() : Set.of(rule));
    }

    /** The chunk is dirty from before, so that no batch of the bitmap goes to the leg that fails. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLegThatMissedAnAnsweredWriteIsNotBelievedAfterThePowerWentOnlyIfThatWasOnRecordFirst(boolean isKept) {
        MirrorOptions.Builder with = options(Rule.RECORD_BEFORE_ANSWER, isKept).equalAlready(true);
        MirrorDevice mirror = create(2, with);
        write(mirror, 0, 8, 1);
        legs.get(0).plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(0, DATA));
        legs.get(1).plan(Fault.stalled().on(BlockOp.Kind.WRITE).within(SLOTS, 16)); // the power goes before that
        CompletableFuture<Void> second = start(mirror, writeOf(0, 8, 2));
        FaultyDevice cut = legs.get(1);
        boolean isAnswered = second.isDone();
        crash(mirror);
        MirrorDevice again = open(with, 0, 1);
        byte[] found = read(again, 0, 8);
        assertThat(isAnswered).isEqualTo(!isKept);
        assertThat(found).as("the old content").isEqualTo(Patterns.bytes(0, 8, 1));
        cut.plan(FaultPlan.none());
        cut.release();
    }

    /** The power goes when the record that the leg is in is on its way, and the leg that knows nothing of it goes on alone. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLegThatWasComingInDoesNotContradictTheOneThatWentOnOnlyIfThatHadItOnRecordFirst(boolean isKept) {
        MirrorOptions.Builder with = options(Rule.RECORD_OTHERS_FIRST, isKept)
                .equalAlready(true)
                .probeAfter(Duration.ofMillis(10), Duration.ofMillis(300));
        MirrorDevice mirror = create(2, with);
        legs.get(1).plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.FLUSH));
        get(mirror.submit(new BlockOp.Flush()));
        write(mirror, 0, 8, 1);
        FaultyDevice cut = legs.get(0);
        cut.plan(Fault.stalled().on(BlockOp.Kind.WRITE).within(SLOTS, 16));
        legs.get(1).plan(FaultPlan.none());
        pass(Duration.ofSeconds(2));
        crash(mirror);
        MirrorDevice alone = open(with, 0);
        write(alone, CHUNK, 8, 2);
        crash(alone);
        byte[] found = {};
        try {
            found = read(open(with, 0, 1), CHUNK, 8);
        } catch (DeviceException refused) {
            assertThat(refused).hasMessageContaining("in a record of the same number");
        }
        assertThat(Arrays.equals(found, Patterns.bytes(CHUNK, 8, 2))).isEqualTo(isKept);
        cut.plan(FaultPlan.none());
        cut.release();
    }
}
