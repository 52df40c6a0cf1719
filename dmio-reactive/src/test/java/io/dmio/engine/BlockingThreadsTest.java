package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockingThreadsTest {

    private final Queue<Thread> started = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
    private volatile boolean none; // the system gives no thread any more
    private final ThreadFactory factory = task -> {
        if (none) {
            throw new OutOfMemoryError("unable to create native thread");
        }
        Thread thread = new Thread(task, "pool");
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((in, thrown) -> uncaught.add(thrown));
        started.add(thread);
        return thread;
    };
    private final List<BlockingThreads> pools = new ArrayList<>();

    @AfterEach
    void theirThreadsEnd() throws InterruptedException {
        pools.forEach(BlockingThreads::end);
        for (Thread thread : started) {
            thread.join(TimeUnit.MINUTES.toMillis(1));
            assertThat(thread.isAlive()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 32})
    void eachTaskIsRunThoughThreadsGoIdleAllTheTime(int threadsMax) throws InterruptedException {
        BlockingThreads pool = pool(threadsMax);
        for (int round = 0; round < 3_000; round++) {
            int tasks = 1 + round % 5;
            CountDownLatch left = new CountDownLatch(tasks);
            for (int i = 0; i < tasks; i++) {
                pool.execute(left::countDown);
            }
            await(left);
        }
        assertThat(started).hasSizeLessThanOrEqualTo(threadsMax);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 32})
    void chainsOfTasksFromSeveralThreadsEnd(int threadsMax) throws InterruptedException {
        BlockingThreads pool = pool(threadsMax);
        CountDownLatch chains = new CountDownLatch(8);
        List<Thread> users = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Thread user = new Thread(() -> pool.execute(new Link(pool, 2_000, chains)));
            users.add(user);
            user.start();
        }
        await(chains);
        for (Thread user : users) {
            user.join();
        }
    }

    @Test
    void theThreadThatWasIdleLastIsWokenFirst() throws InterruptedException {
        BlockingThreads pool = pool(32);
        CountDownLatch both = new CountDownLatch(2);
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(2);
        for (int i = 0; i < 2; i++) {
            pool.execute(() -> {
                both.countDown();
                awaitHere(go);
                ended.countDown();
            });
        }
        await(both); // so there are two
        go.countDown();
        await(ended);
        untilAllWait();
        Thread last = null;
        for (int i = 0; i < 10; i++) {
            Thread here = oneTask(pool);
            assertThat(last == null || last.equals(here)).isTrue();
            last = here;
            untilAllWait();
        }
        assertThat(started).hasSize(2);
    }

    @Test
    void aTaskMayWaitForOneThatItSubmitted() throws InterruptedException {
        BlockingThreads pool = pool(2);
        for (int i = 0; i < 1_000; i++) {
            CountDownLatch outer = new CountDownLatch(1);
            pool.execute(() -> {
                CountDownLatch inner = new CountDownLatch(1);
                pool.execute(inner::countDown);
                awaitHere(inner);
                outer.countDown();
            });
            await(outer);
        }
    }

    @Test
    void theThreadOfATaskThatThrowsGoesOn() throws InterruptedException {
        BlockingThreads pool = pool(1);
        IllegalStateException thrown = new IllegalStateException("by a task");
        pool.execute(() -> {
            throw thrown;
        });
        oneTask(pool);
        assertThat(uncaught).containsExactly(thrown);
        assertThat(started).hasSize(1);
    }

    @Test
    void whatNobodyCanRunIsRefusedAndNotRunLater() throws InterruptedException {
        BlockingThreads pool = pool(1);
        AtomicInteger ran = new AtomicInteger();
        none = true;
        assertThatThrownBy(() -> pool.execute(ran::incrementAndGet)).isInstanceOf(OutOfMemoryError.class);
        none = false;
        oneTask(pool);
        assertThat(ran).hasValue(0);
    }

    @Test
    void whatComesWhileNoThreadCanBeStartedIsRunOrRefused() {
        List<BlockingThreads> pool = new ArrayList<>();
        List<Throwable> refused = new ArrayList<>();
        AtomicInteger asked = new AtomicInteger();
        pool.add(new BlockingThreads(
                body -> {
                    if (asked.getAndIncrement() == 0) { // another one comes meanwhile
                        try {
                            pool.get(0).execute(() -> {});
                        } catch (OutOfMemoryError noThread) {
                            refused.add(noThread);
                        }
                    }
                    throw new OutOfMemoryError("unable to create native thread");
                },
                2,
                1));
        assertThatThrownBy(() -> pool.get(0).execute(() -> {})).isInstanceOf(OutOfMemoryError.class);
        assertThat(refused).hasSize(1);
    }

    @Test
    void whatThreadsThatThereAreCanRunIsNotRefused() throws InterruptedException {
        BlockingThreads pool = pool(2);
        CountDownLatch go = new CountDownLatch(1);
        pool.execute(() -> awaitHere(go));
        none = true;
        CountDownLatch ran = new CountDownLatch(1);
        pool.execute(ran::countDown);
        go.countDown();
        await(ran);
    }

    /** The thread is the only one there will ever be: what waits behind the task must not wait for the next one that comes. */
    @Test
    void whatIsQueuedBehindATaskThatThrowsIsRunThoughWhoIsToldThrowsTooAndNoOtherThreadCanBeStarted()
            throws InterruptedException {
        BlockingThreads pool = pool(2);
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch ran = new CountDownLatch(2);
        pool.execute(() -> {
            Thread.currentThread().setUncaughtExceptionHandler((in, thrown) -> {
                throw new IllegalStateException("by who is told", thrown);
            });
            awaitHere(go);
            throw new IllegalStateException("by a task");
        });
        none = true;
        pool.execute(ran::countDown);
        pool.execute(ran::countDown);
        go.countDown();
        await(ran);
        assertThat(started).hasSize(1);
    }

    @Test
    void whatWasSubmittedBeforeTheEndIsRun() throws InterruptedException {
        BlockingThreads pool = pool(1);
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch ran = new CountDownLatch(3);
        pool.execute(() -> awaitHere(go));
        for (int i = 0; i < 3; i++) {
            pool.execute(ran::countDown);
        }
        pool.end();
        assertThatThrownBy(() -> pool.execute(ran::countDown)).isInstanceOf(RejectedExecutionException.class);
        go.countDown();
        await(ran);
    }

    /** A task that submits the next one, so many times. */
    private record Link(BlockingThreads pool, int left, CountDownLatch end) implements Runnable {
        @Override
        public void run() {
            if (left == 0) {
                end.countDown();
            } else {
                pool.execute(new Link(pool, left - 1, end));
            }
        }
    }

    private BlockingThreads pool(int threadsMax) {
        BlockingThreads pool = new BlockingThreads(factory, threadsMax);
        pools.add(pool);
        return pool;
    }

    private static Thread oneTask(BlockingThreads pool) throws InterruptedException {
        Queue<Thread> by = new ConcurrentLinkedQueue<>();
        CountDownLatch ran = new CountDownLatch(1);
        pool.execute(() -> {
            by.add(Thread.currentThread());
            ran.countDown();
        });
        await(ran);
        return by.remove();
    }

    private void untilAllWait() {
        while (!started.stream().allMatch(thread -> thread.getState() == Thread.State.TIMED_WAITING)) {
            Thread.onSpinWait();
        }
    }

    private static void awaitHere(CountDownLatch latch) {
        try {
            await(latch);
        } catch (InterruptedException never) {
            throw new IllegalStateException(never);
        }
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
    }
}
