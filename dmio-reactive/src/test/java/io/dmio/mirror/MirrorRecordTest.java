package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Planes;
import io.dmio.testkit.Patterns;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Histories that need a rule about what is on record when. Each is played with the rule, and without, where what was answered is gone. */
class MirrorRecordTest extends MirrorFixture {

    private static final long DIRTY = LegLayout.of("", DATA + METADATA, CHUNK).unitSector(Planes.DIRTY, 0);

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

    /**
     * A stream marks chunks ahead while a leg waits for the next batch, to come in. When that is durable, and before the leg is told, one
     * of these is written: at once, as it is marked, and to the other leg alone. The power goes when it is on record that the leg is in.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aWriteThatALegMissedAsItCameInIsThereAfterThePowerWentOnlyIfWhatIsMarkedAheadIsNotedAsLackingThere(
            boolean isKept) {
        MirrorOptions.Builder with = options(Rule.NOTE_WHO_LACKS_AHEAD, isKept)
                .settings(small -> small.aheadBytes = 8 * MirrorOptions.CHUNK_BYTES_MIN)
                .equalAlready(true)
                .probeAfter(Duration.ofMillis(10), Duration.ofMillis(300));
        MirrorDevice mirror = create(2, with);
        FaultyDevice comes = legs.get(0);
        FaultyDevice stays = legs.get(1);
        for (int chunk = 0; chunk < 3; chunk++) {
            write(mirror, (long) chunk * CHUNK, 8, 1);
        }
        comes.plan(Fault.errno(Errno.EIO));
        get(mirror.submit(new BlockOp.Flush()));
        stays.plan(Fault.stalled().on(BlockOp.Kind.WRITE).within(DIRTY, LegLayout.UNIT_SECTORS));
        CompletableFuture<Void> elsewhere = start(mirror, writeOf(20 * CHUNK, 8, 1));
        comes.plan(FaultPlan.none());
        pass(Duration.ofMillis(100));
        write(mirror, 3 * CHUNK, 8, 1); // marks the fifth, with the next batch
        stays.release();
        assertThat(elsewhere).isDone();
        for (FaultyDevice leg : legs) {
            leg.plan(Fault.stalled()
                    .on(BlockOp.Kind.WRITE)
                    .within(DATA, SLOTS - DATA)); // the power goes before the next
        }
        mirror.mirror().runtime().mailbox().pause();
        stays.release(1); // the batch is durable, and the leg comes in behind the write
        CompletableFuture<Void> ahead = start(
                mirror, new BlockOp.Write(5 * CHUNK, writeOf(5 * CHUNK, 8, 2).from(), true));
        mirror.mirror().runtime().mailbox().goOn();
        assertThat(ahead).isCompleted();
        assertThat(Objects.requireNonNull(mirror.mirror().roster().leg(0)).takesPart())
                .isTrue();
        crash(mirror);
        List<FaultyDevice> cut = List.copyOf(legs);
        byte[] found = read(open(with, 0, 1), 5 * CHUNK, 8);
        assertThat(Arrays.equals(found, Patterns.bytes(5 * CHUNK, 8, 2))).isEqualTo(isKept);
        cut.forEach(leg -> leg.plan(FaultPlan.none()));
        cut.forEach(FaultyDevice::release);
    }
}
