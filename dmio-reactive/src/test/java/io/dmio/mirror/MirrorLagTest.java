package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.ForwardingDevice;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.testkit.Patterns;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A leg that lags behind has everything as soon as it has caught up, and can stand in for the others then. */
class MirrorLagTest extends MirrorFixture {

    private final Deque<Sinks.Empty<Void>> held = new ArrayDeque<>();
    private boolean holds;

    /** A leg that answers writes of data when it is told to, one by one. */
    private BlockDevice slow(BlockDevice leg) {
        return new ForwardingDevice(leg) {
            @Override
            public Mono<Void> submit(BlockOp op) {
                boolean waits = holds && op instanceof BlockOp.Write && op.sector() < DATA;
                Sinks.Empty<Void> turn = Sinks.empty();
                if (waits) {
                    held.add(turn);
                }
                return waits ? turn.asMono().then(super.submit(op)) : super.submit(op);
            }
        };
    }

    private void answerOne() {
        held.remove().tryEmitEmpty().orThrow();
    }

    /** There is always another write that the slow leg lags behind with. */
    @Test
    void aLegThatFailsWhileWritesKeepComingCanBeSparedOnceTheSlowOneHasCaughtUp() {
        leg("fast");
        leg("slow");
        MirrorDevice mirror = watched(get(MirrorDevice.create(
                List.of(legs.get(0), slow(legs.get(1))),
                options()
                        .writeMostly(1)
                        .writeBehindSectors(64)
                        .equalAlready(true)
                        .build())));
        write(mirror, 0, 8, 1);
        holds = true;
        write(mirror, 0, 8, 2);
        assertThat(status(mirror).legs().get(1).lagSectors()).isEqualTo(8);

        legs.get(0).plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(64, 8));
        CompletableFuture<Void> failed = start(mirror, forced(64));
        CompletableFuture<Void> next = start(mirror, writeOf(128, 8, 4));
        answerOne();
        answerOne(); // the forced one, while it still lags behind with the next
        CompletableFuture<Void> last = start(mirror, writeOf(192, 8, 5));
        answerOne();
        assertThat(next).isCompleted();
        assertThat(failed).isCompleted();
        assertThat(last).isNotDone(); // nobody but the slow leg is left
        answerOne();
        assertThat(last).isCompleted();
        assertThat(kinds()).contains(MirrorEvent.Kind.LEG_FAILED).doesNotContain(MirrorEvent.Kind.LAST_LEG_FAILED);
        assertThat(read(mirror, 64, 8)).isEqualTo(Patterns.bytes(64, 8, 3));
    }

    private static BlockOp forced(long sector) {
        return new BlockOp.Write(sector, Unpooled.wrappedBuffer(Patterns.bytes(sector, 8, 3)), true);
    }

    /** What it lags behind with arrives before a flush is answered. */
    @ParameterizedTest
    @CsvSource({"2, 2", "3, 3", "3, 2"})
    void aLegThatLagsBehindCountsAsOneOfThoseThatWritesNeed(int count, int least) {
        MirrorDevice mirror = create(
                count,
                options()
                        .legsMin(least)
                        .writeMostly(count - 1)
                        .writeBehindSectors(64)
                        .equalAlready(true));
        legs.get(0).plan(count > least ? FaultPlan.of(Fault.errno(Errno.EIO)) : FaultPlan.none());
        write(mirror, 0, 8, 1);
        legs.get(count - 1).stall();
        write(mirror, 8, 8, 2);
        write(mirror, 16, 8, 3);
        assertThat(status(mirror).legs().get(count - 1).lagSectors()).isEqualTo(16);
        CompletableFuture<Void> flush = start(mirror, new BlockOp.Flush());
        write(mirror, 24, 8, 4);
        assertThat(flush).isNotDone();
        legs.get(count - 1).release();
        get(Mono.fromFuture(flush));
        assertThat(status(mirror).writable()).isTrue();
        assertThat(kinds()).doesNotContain(MirrorEvent.Kind.READ_ONLY);
        get(mirror.close());
    }
}
