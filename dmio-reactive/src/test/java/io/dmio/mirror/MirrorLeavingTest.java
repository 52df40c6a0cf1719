package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.ForwardingDevice;
import io.dmio.testkit.Patterns;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** A leg goes before it is on record that it has gone, as nobody knows what a leg that fails then has on record. */
class MirrorLeavingTest extends MirrorFixture {

    /** Fails writes from some time on, and does those of superblocks all the same. */
    private static final class Unclear extends ForwardingDevice {
        private int recordsLeft = Integer.MAX_VALUE; // that are still answered

        Unclear(BlockDevice behind) {
            super(behind);
        }

        @Override
        public Mono<Void> submit(BlockOp op) {
            boolean isRecord = op.sector() >= SLOTS && op.sector() < SLOTS + 16;
            if (op.kind() != BlockOp.Kind.WRITE || recordsLeft > 0) {
                recordsLeft -= op.kind() == BlockOp.Kind.WRITE && isRecord ? 1 : 0;
                return super.submit(op);
            }
            Mono<Void> failed = Mono.error(() -> DeviceException.of(Errno.EIO, info().name(), op, "as the test says"));
            return isRecord ? super.submit(op).then(failed) : failed;
        }
    }

    private final Unclear unclear = new Unclear(leg("disk-0"));

    private MirrorDevice created() {
        MirrorDevice mirror = get(MirrorDevice.create(
                List.of(unclear, leg("disk-1")), options().equalAlready(true).build()));
        write(mirror, 0, 8, 1);
        return mirror;
    }

    private void holds(MirrorDevice mirror, int version) {
        assertThat(read(mirror, 0, 8)).isEqualTo(Patterns.bytes(0, 8, version));
        get(mirror.close());
    }

    @Test
    void aLegThatFailsToRecordThatItCanIsBehindTheOneThatStays() {
        MirrorDevice mirror = created();
        unclear.recordsLeft = 0;
        refused(mirror.remove(1), Errno.EBUSY, "leg 1 stays");
        write(mirror, 0, 8, 2);
        crash(mirror);
        holds(open(options(), 0, 1), 2);
    }

    @Test
    void nothingIsAcknowledgedThatALegLacksWhichMayHaveOnRecordThatItIsTheOnlyOne() {
        MirrorDevice mirror = created();
        unclear.recordsLeft = 1; // it can record, but whether it has recorded that the other one is gone is unclear
        CompletableFuture<Void> remove = mirror.remove(1).toFuture();
        pass(Duration.ofSeconds(1));
        assertThat(remove).isNotDone();
        CompletableFuture<Void> write = start(mirror, writeOf(0, 8, 2));
        pass(Duration.ofMinutes(1));
        assertThat(write).isCompletedExceptionally();
        crash(mirror);
        holds(open(options(), 0), 1);
    }

    @Test
    void aLegThatHasGoneIsTakenOutOnceTheOthersCanRecordItAgain() {
        MirrorDevice mirror = created();
        unclear.recordsLeft = 1;
        CompletableFuture<Void> remove = mirror.remove(1).toFuture();
        pass(Duration.ofMinutes(1));
        assertThat(remove).isNotDone();
        unclear.recordsLeft = Integer.MAX_VALUE;
        pass(Duration.ofSeconds(10));
        assertThat(remove).isCompleted();
        assertThat(disks.get(1).snapshot(SLOTS, 16)).isEqualTo(new byte[16 * 512]);
        write(mirror, 0, 8, 2);
        crash(mirror);
        holds(open(options(), 0), 2);
    }

    @Test
    void whoWaitsForARemovalIsToldThatTheMirrorIsClosed() {
        MirrorDevice mirror = created();
        unclear.recordsLeft = 1;
        CompletableFuture<Void> remove = mirror.remove(1).toFuture();
        pass(Duration.ofSeconds(1));
        CompletableFuture<Void> close = mirror.close().toFuture();
        pass(Duration.ofMinutes(2));
        assertThat(close).isDone();
        assertThat(remove).isCompletedExceptionally();
        holds(open(options().degraded(true), 1), 1);
    }

    @Test
    void writesGoOnWhileALegThatIsSplitOffWaitsToBeGoneOnRecord() {
        MirrorDevice mirror = created();
        unclear.recordsLeft = 1;
        CompletableFuture<BlockDevice> split = mirror.split(1).toFuture();
        pass(Duration.ofSeconds(1));
        unclear.recordsLeft = Integer.MAX_VALUE;
        CompletableFuture<Void> write = start(mirror, writeOf(0, 8, 2));
        pass(Duration.ofSeconds(10));
        assertThat(write).isCompleted();
        assertThat(split).isCompleted();
        assertThat(disks.get(1).snapshot(0, 8)).isEqualTo(Patterns.bytes(0, 8, 1));
    }
}
