package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.ForwardingDevice;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.Patterns;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** The only leg that has something, and may have lost it, counts until another one has it for good. */
class MirrorDoubtTest extends MirrorFixture {

    private static final Duration LONG = Duration.ofSeconds(20); // resync and a cleaning are over by then

    /** Does writes of superblocks when it is told to, and fails those to the first chunk then. */
    private static final class SlowToWrite extends ForwardingDevice {
        private final Sinks.Empty<Void> goesOn = Sinks.empty();
        private final List<BlockOp> held = new ArrayList<>();
        private boolean holds;

        SlowToWrite(BlockDevice behind) {
            super(behind);
        }

        @Override
        public Mono<Void> submit(BlockOp op) {
            boolean isRecord = op.sector() >= SLOTS && op.sector() < SLOTS + 16;
            boolean isHeld = holds && op.kind() == BlockOp.Kind.WRITE && (isRecord || op.sector() < CHUNK);
            if (!isHeld) {
                return super.submit(op);
            }
            held.add(op);
            return goesOn.asMono()
                    .then(Mono.defer(() -> isRecord
                            ? super.submit(op)
                            : Mono.error(DeviceException.of(Errno.EIO, info().name(), op, "as the test says"))));
        }
    }

    @Test
    void aLegThatIsComingInDoesNotTakeThePlaceOfTheOnlyOneThatHasAChunk() {
        disks.add(MemoryDevice.of("disk-0", DATA + METADATA));
        ForgetfulLeg forgetful = new ForgetfulLeg(disks.get(0));
        SlowToWrite only = new SlowToWrite(forgetful);
        FaultyDevice other = leg("disk-1");
        MirrorOptions options = options()
                .equalAlready(true)
                .legDeadline(Duration.ofHours(1))
                .probeAfter(Duration.ofSeconds(1), Duration.ofSeconds(1))
                .build();
        MirrorDevice mirror = watched(get(MirrorDevice.create(List.of(only, other), options)));
        get(mirror.submit(new BlockOp.Flush()));
        other.plan(Fault.errno(Errno.EIO));
        write(mirror, 0, 8, 1);
        forgetful.losesAtFlush = true;
        refused(mirror.submit(new BlockOp.Flush()), Errno.EIO, "lost");
        write(mirror, 0, 8, 2);
        other.plan(FaultPlan.none());
        only.holds = true;
        pass(LONG);
        assertThat(only.held).as("the other one comes in, and is not on record").isNotEmpty();
        other.plan(Fault.errno(Errno.EIO));
        CompletableFuture<Void> flush = start(mirror, new BlockOp.Flush());
        pass(Duration.ofSeconds(1));
        assertThat(only.goesOn.tryEmitEmpty()).isEqualTo(Sinks.EmitResult.OK);
        only.holds = false;
        pass(Duration.ofSeconds(1));
        assertThat(flush).isDone();
        assertThat(read(mirror, 0, 8)).isEqualTo(Patterns.bytes(0, 8, 2));
        assertThat(status(mirror).legs().get(0).staleChunks()).isZero();
    }
}
