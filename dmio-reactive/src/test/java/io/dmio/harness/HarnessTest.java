package io.dmio.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.PagePool;
import io.dmio.testkit.Patterns;
import io.dmio.testkit.Seed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.blockhound.BlockingOperationError;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.util.context.Context;

/** The alarms ring: a check that cannot fail checks nothing. */
class HarnessTest {

    @ParameterizedTest
    @ValueSource(ints = {512, 1 << 20}) // of Netty's pool, and of ours
    void aBufferThatIsNotReleasedIsFoundWithWhoTookIt(int bytes) {
        loseABuffer(bytes);
        List<String> found = LeakGuard.leaks().stream()
                .filter(leak -> leak.contains("loseABuffer"))
                .toList();
        found.forEach(LeakGuard::forget);
        assertThat(found).hasSize(1);
    }

    @Test
    void anErrorThatVanishesIsFoundWithItsTest() throws InterruptedException {
        Operators.onErrorDropped(new IllegalStateException("late"), Context.empty());
        Disposable task = Schedulers.single().schedule(() -> {
            throw new IllegalStateException("of a task");
        });
        Thread thread = new Thread(
                () -> {
                    throw new IllegalStateException("of a thread");
                },
                "lost");
        thread.start();
        thread.join();
        while (!task.isDisposed()) {
            Thread.onSpinWait();
        }
        List<String> found = DropGuard.vanished().stream()
                .filter(lost -> lost.startsWith("HarnessTest.anErrorThatVanishesIsFoundWithItsTest: "))
                .toList();
        found.forEach(DropGuard::forget);
        assertThat(found)
                .hasSize(3)
                .anyMatch(lost -> lost.contains("dropped: ") && lost.endsWith("late"))
                .anyMatch(lost -> lost.contains("thrown by a task on single") && lost.endsWith("of a task"))
                .anyMatch(lost -> lost.contains("thrown by lost: ") && lost.endsWith("of a thread"));
    }

    @Test
    void aBlockingCallOnAReactorThreadIsCaught() {
        StepVerifier.create(Mono.fromRunnable(() -> Mono.never()
                                .timeout(Duration.ofSeconds(1))
                                .toFuture()
                                .join())
                        .subscribeOn(Schedulers.parallel()))
                .verifyError(BlockingOperationError.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1}) // Reactor has a task of its own for no period at all
    void aTimerIsCancelledOnAReactorThreadThoughItsQueueIsLocked(long period) {
        ScheduledThreadPoolExecutor queue = new ScheduledThreadPoolExecutor(0) {
            @Override
            public boolean remove(Runnable task) {
                LockSupport.parkNanos(1); // as where another thread has the lock
                return super.remove(task);
            }
        };
        queue.setRemoveOnCancelPolicy(true);
        Scheduler timers = Schedulers.fromExecutorService(queue);
        Scheduler.Worker worker = timers.createWorker();
        Runnable nothing = () -> {};
        List<Disposable> tasks = List.of(
                timers.schedulePeriodically(nothing, 1, period, TimeUnit.HOURS),
                worker.schedulePeriodically(nothing, 1, period, TimeUnit.HOURS),
                worker);
        StepVerifier.create(Mono.fromRunnable(() -> tasks.forEach(Disposable::dispose))
                        .subscribeOn(Schedulers.parallel()))
                .verifyComplete();
        timers.dispose();
    }

    @Test
    void aPatternKnowsWhereItBelongs() {
        ByteBuf memory = Unpooled.wrappedBuffer(Patterns.bytes(7, 3, 1));
        Patterns.check(memory, 7, 1);
        assertThatThrownBy(() -> Patterns.check(memory, 8, 1))
                .hasMessageContaining("byte 7 of sector 8 (seed 1) is wrong")
                .hasMessageContaining("says it is sector 7 of seed 1");
        memory.setByte(1535, ~memory.getByte(1535));
        assertThatThrownBy(() -> Patterns.check(memory, 7, 1)).hasMessageContaining("byte 511 of sector 9");
    }

    @Test
    void theSameSeedAndNameGiveTheSameNumbers() {
        assertThat(Seed.random("a").nextLong()).isEqualTo(Seed.random("a").nextLong());
        assertThat(Seed.random("a").nextLong()).isNotEqualTo(Seed.random("b").nextLong());
    }

    private static void loseABuffer(int bytes) {
        // Netty tells a leak once for each trail; with the size in it, these two are not the same.
        PagePool.shared().allocate(bytes).touch(bytes + " bytes").setZero(0, 512);
    }
}
