package io.dmio.app.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.netty.buffer.Unpooled;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What devices moved, and how long it is remembered. */
class HistoryTest {

    private static final int BYTES = 4096;
    private static final Set<String> NONE = Set.of();

    private final History history = new History();

    private static void write(BlockDevice device) {
        device.submit(new BlockOp.Write(0, Unpooled.wrappedBuffer(new byte[BYTES]), false))
                .block();
    }

    @Test
    void eachStepHasWhatWasMovedInItAndHowLongThatTook() {
        BlockDevice device = history.of(MemoryDevice.of("a", 64));
        IntStream.range(0, 10).forEach(i -> write(device));
        device.submit(new BlockOp.Read(0, Unpooled.buffer(BYTES))).block();
        history.step(NONE);
        history.step(NONE);
        assertThat(history.of("a")).hasSize(2);
        IoSample first = history.of("a").get(0);
        assertThat(first.writes().count()).isEqualTo(10);
        assertThat(first.writes().bytesPerSecond()).isEqualTo(10 * BYTES / History.STEP.toSeconds());
        assertThat(first.reads().bytes()).isEqualTo(BYTES);
        assertThat(first.slowestNanos())
                .isPositive()
                .isGreaterThanOrEqualTo(first.writes().nanos() / 10);
        assertThat(history.last("a")).isEqualTo(IoSample.NONE);
    }

    @Test
    void whatFailsMovesNothingButMayHaveBeenTheSlowest() {
        BlockDevice device =
                history.of(FaultyDevice.of(MemoryDevice.of("a", 64), FaultPlan.of(Fault.errno(Errno.EIO))));
        device.submit(new BlockOp.Flush()).onErrorComplete().block();
        device.submit(new BlockOp.Write(0, Unpooled.wrappedBuffer(new byte[BYTES]), false))
                .onErrorComplete()
                .block();
        history.step(NONE);
        assertThat(history.last("a").writes().count()).isZero();
        assertThat(history.last("a").slowestMicros()).isNotNegative();
        assertThat(history.last("a").slowestNanos()).isPositive();
    }

    @Test
    void itTakesNoMoreMemoryHoweverLongItRunsAndHoweverManyLegsComeAndGo() {
        for (int i = 0; i < 3 * History.STEPS; i++) {
            write(history.of(MemoryDevice.of("leg-" + i, 64)));
            history.step(Set.of("leg-0"));
        }
        assertThat(history.steps()).isEqualTo(3L * History.STEPS);
        assertThat(history.of("leg-0")).as("it is in use").hasSize(History.STEPS);
        assertThat(history.of("leg-1")).as("it is gone for longer than that").isEmpty();
        assertThat(history.deviceCount()).isEqualTo(History.STEPS + 1);
    }

    @Test
    void aLegThatIsAboutToJoinIsNotForgotten() {
        BlockDevice device = history.of(MemoryDevice.of("new", 64));
        history.step(NONE);
        write(device);
        history.step(NONE);
        assertThat(history.last("new").writes().count()).isOne();
    }
}
