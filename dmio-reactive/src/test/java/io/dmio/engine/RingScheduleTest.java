package io.dmio.engine;

import static io.dmio.harness.Schedules.check;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.harness.Asker;
import io.dmio.harness.Schedules;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** Operations on their way to a ring and back, in schedules that a model checker chooses; the kernel is played. */
class RingScheduleTest {

    private static final int RUNS = 48;
    private static final int TURNS_MAX = 100;
    private static final ByteBuffer DIRECT = ByteBuffer.allocateDirect(PlayedRing.BLOCK_BYTES);

    /** A file on a ring with one slot, so that operations wait for one; those of the group "loop" are all on one thread. */
    public static class Ring {

        private final PlayedRing ring = new PlayedRing(1);
        private final ByteBuf memory = Unpooled.wrappedBuffer(DIRECT);
        private final Asker<Void> write = new Asker<>();
        private final Asker<Void> flush = new Asker<>();
        private final Asker<Void> another = new Asker<>();
        private final Asker<Void> ofTheLoop = new Asker<>();

        private BlockDevice device() {
            return ring.device();
        }

        @Operation(runOnce = true)
        public void write() {
            device().submit(new BlockOp.Write(0, memory, false)).subscribe(write);
        }

        @Operation(runOnce = true)
        public void flush() {
            device().submit(new BlockOp.Flush()).subscribe(flush);
        }

        @Operation(runOnce = true)
        public void writeMore() {
            device().submit(new BlockOp.Write(1, memory, false)).subscribe(another);
        }

        @Operation(runOnce = true)
        public void leave() {
            write.leave();
        }

        @Operation(runOnce = true)
        public void leaveMore() {
            another.leave();
        }

        @Operation(runOnce = true)
        public void close() {
            device().close().subscribe();
        }

        @Operation(nonParallelGroup = "loop", runOnce = true)
        public void writeFromTheLoop() {
            ring.onTheLoop(
                    () -> device().submit(new BlockOp.Write(2, memory, false)).subscribe(ofTheLoop));
        }

        @Operation(nonParallelGroup = "loop")
        public void turn() {
            ring.turn();
        }

        @Operation(nonParallelGroup = "loop", runOnce = true)
        public void theKernelIsInterrupted() {
            ring.answersNext(PlayedRing.EINTR);
        }

        @Operation(nonParallelGroup = "loop", runOnce = true)
        public void theKernelHasNoResource() {
            ring.answersNext(PlayedRing.EAGAIN);
        }

        @Operation(nonParallelGroup = "loop", runOnce = true)
        public void theRingIsFull() {
            ring.refuseNext();
        }

        @Validate
        public void everyOperationEndsOnceAndNothingIsKept() {
            for (int turn = 0; ring.turn() || ring.ringTimer(); turn++) {
                check(turn < TURNS_MAX, "goes on for ever");
            }
            check(write.wasToldOnce() && flush.wasToldOnce(), "told twice, or never");
            check(another.wasToldOnce() && ofTheLoop.wasToldOnce(), "told twice, or never");
            check(memory.refCnt() == 1, "memory kept, or given back twice");
            device().close().subscribe();
            check(ring.closes() == 1, "not closed, or twice");
        }
    }

    @Test
    void everyOperationReachesTheKernelAndEndsOnce() {
        Schedules.explore(
                Ring.class,
                RUNS,
                "write; writeMore | turn turn",
                "write flush | writeFromTheLoop turn turn",
                "write; flush | theKernelIsInterrupted turn turn turn");
    }

    @Test
    void aCancelFindsAnOperationQueuedOrStartedAndKeepsNothing() {
        Schedules.explore(
                Ring.class,
                RUNS,
                "write; leave | turn turn",
                "write leave | turn",
                "write writeMore; leaveMore | turn turn");
    }

    @Test
    void theDescriptorIsClosedOnceAfterTheLastAnswer() {
        Schedules.explore(
                Ring.class,
                RUNS,
                "write; close | turn turn",
                "close | writeFromTheLoop turn turn",
                "write; leave close | turn turn");
    }

    @Test
    void whoeverWaitsForASlotGetsItWhateverBecameOfTheOneBefore() {
        Schedules.explore(
                Ring.class,
                RUNS,
                "write writeMore | theRingIsFull turn turn turn",
                "write; writeMore | theKernelHasNoResource turn turn theRingIsFull");
    }

    @Test
    void anyScenarioEndsWell() {
        Schedules.exploreAny(Ring.class, RUNS / 4, 10, 3);
    }
}
