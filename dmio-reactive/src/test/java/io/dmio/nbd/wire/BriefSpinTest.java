package io.dmio.nbd.wire;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.SelectStrategy;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BriefSpinTest {

    private static final int STEPS = 10;

    /** Each look at it is a tenth of the spin later. */
    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - BriefSpin.NANOS / 2);

    private final BriefSpin spin = new BriefSpin(() -> clock.getAndAdd(BriefSpin.NANOS / STEPS));

    @Test
    void whatComesWhileItLooksIsTaken() throws Exception {
        Queue<Integer> ready = new ArrayDeque<>(List.of(0, 0, 3));

        assertThat(spin.calculateStrategy(ready::remove, false)).isEqualTo(3);
        assertThat(ready).isEmpty();
    }

    @Test
    void whereNothingComesItSleepsAfterItsTime() throws Exception {
        AtomicInteger looks = new AtomicInteger();

        int what = spin.calculateStrategy(
                () -> {
                    looks.incrementAndGet();
                    return 0;
                },
                false);

        assertThat(what).isEqualTo(SelectStrategy.SELECT);
        assertThat(looks).hasValue(STEPS);
    }

    @Test
    void tasksAreNotKeptWaiting() throws Exception {
        Queue<Integer> ready = new ArrayDeque<>(List.of(0));

        assertThat(spin.calculateStrategy(ready::remove, true)).isZero();
    }

    @Test
    void aTaskHandedOverAtAnyPointOfASpinRuns() throws Exception {
        Transport transport = Transport.serving("brief-spin");
        SplittableRandom random = new SplittableRandom(42);
        try {
            EventLoop loop = transport.loops().next();
            for (int i = 0; i < 20_000; i++) {
                Future<?> ran = loop.submit(() -> {});
                assertThat(ran.await(10, SECONDS)).as("task %d", i).isTrue();
                long until = System.nanoTime() + random.nextLong(2 * BriefSpin.NANOS);
                while (System.nanoTime() < until) {
                    Thread.onSpinWait();
                }
            }
        } finally {
            transport.loops().shutdownGracefully(0, 1, SECONDS).sync();
        }
    }
}
