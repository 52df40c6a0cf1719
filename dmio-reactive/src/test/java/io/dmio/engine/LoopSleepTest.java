package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.concurrent.LookClock;
import io.dmio.testkit.DeviceFixture;
import io.netty.buffer.ByteBuf;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A loop that has nothing to wait for but operations sleeps without a timer: Netty would hand the ring one before each sleep. */
class LoopSleepTest extends DeviceFixture {

    private static final long NO_TIMER = -1;

    @TempDir
    private Path directory = Path.of("");

    private final BlockingQueue<Long> deadlines = WatchedSleep.deadlines();
    private EngineLoops loops;

    @BeforeEach
    void startOneLoop() {
        UringHere.shared();
        loops = new EngineLoops(
                1, new NamedThreads("sleeping"), WatchedSleep.of(IoUringIoHandler.newFactory(), deadlines));
    }

    @AfterEach
    void endTheLoop() {
        loops.end();
        assertThat(loops.terminationFuture().awaitUninterruptibly(PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                .as("a loop that sleeps without a timer ends")
                .isTrue();
    }

    @Test
    void operationsComeAndGoWithoutATimer() throws IOException {
        DeviceThreads threads = new DeviceThreads("sleep", 1);
        UringLoop ring = new UringLoop(loops.next(), 16, RingWatch::tell);
        ring.register();
        BlockDevice file = new FileDevice(file(threads), ring);
        ByteBuf memory = filled(512, 1);
        for (int i = 0; i < 100; i++) {
            write(file, 0, memory);
            assertThat(all(read(file, 0, 512))).isEqualTo(all(memory));
        }
        file.close().block(PATIENCE);
        threads.end();
        List<Long> sleeps = new ArrayList<>();
        deadlines.drainTo(sleeps);
        assertThat(sleeps).isNotEmpty().containsOnly(NO_TIMER);
    }

    @Test
    void whatOthersHandToALoopWakesIt() throws InterruptedException {
        for (int i = 0; i < 10; i++) {
            CountDownLatch ran = new CountDownLatch(1);
            loops.next().execute(ran::countDown);
            assertThat(ran.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            sleeps(NO_TIMER);
        }
    }

    @Test
    void whatOthersScheduleIsTheTimerOfItsSleepUntilItIsCancelled() throws InterruptedException {
        loops.next().execute(() -> {});
        sleeps(NO_TIMER);
        Future<?> distant = loops.next().schedule(() -> {}, 1, TimeUnit.HOURS);
        long deadline = NO_TIMER;
        while (deadline == NO_TIMER) {
            deadline = nextSleep();
        }
        Future<?> near = loops.next().schedule(() -> {}, 1, TimeUnit.MILLISECONDS);
        assertThat(near.awaitUninterruptibly(PATIENCE.toMillis())).isTrue();
        sleeps(deadline);
        distant.cancel(false);
        loops.next().execute(() -> {});
        sleeps(NO_TIMER);
    }

    @Test
    void aLoopThatSleepsWithoutATimerEndsAtOnce() throws InterruptedException {
        loops.next().execute(() -> {});
        sleeps(NO_TIMER);
        loops.end();
        assertThat(loops.terminationFuture().await(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void theClockGoesOnAfterACallToALoopThatHasEnded() throws InterruptedException {
        LookClock.start();
        CountDownLatch told = new CountDownLatch(2);
        Runnable ended = () -> {
            told.countDown();
            throw new RejectedExecutionException("ended");
        };
        LookClock.tell(ended, 1);
        LookClock.tell(told::countDown, 2);
        assertThat(told.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    private void sleeps(long deadline) throws InterruptedException {
        long next = nextSleep();
        while (next != deadline) { // of a sleep before
            next = nextSleep();
        }
    }

    private long nextSleep() throws InterruptedException {
        Long deadline = deadlines.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(deadline).as("the loop goes to sleep").isNotNull();
        return deadline;
    }

    private OpenFile file(DeviceThreads threads) throws IOException {
        Path path = Files.write(directory.resolve("file"), new byte[512]);
        FileOpener opener = new FileOpener(path, OpenOptions.readWrite());
        return opener.open(opener.look(), "test", threads.of("file"));
    }
}
