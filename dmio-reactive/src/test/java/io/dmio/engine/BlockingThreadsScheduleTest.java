package io.dmio.engine;

import static io.dmio.harness.Schedules.check;

import io.dmio.harness.Schedules;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A thread of a pool that looks for tasks, goes idle and leaves, and another that submits. */
class BlockingThreadsScheduleTest {

    /** A pool whose threads are the checker's: what one does is run by an operation, and who finds no task leaves at once. */
    public static class Pool {

        private final BlockingThreads threads = new BlockingThreads(this::start, 1, 0);
        private final AtomicReference<@Nullable Runnable> started = new AtomicReference<>();
        private final AtomicInteger ran = new AtomicInteger();
        private final AtomicInteger submitted = new AtomicInteger();

        private void start(Runnable body) {
            check(started.compareAndSet(null, body), "two threads where one may be");
        }

        /** Runs the thread to its end, if one was started. */
        @Operation
        public void work() {
            Runnable body = started.getAndSet(null);
            if (body != null) {
                body.run();
            }
        }

        @Operation
        public void submit() {
            submitted.incrementAndGet();
            threads.execute(ran::incrementAndGet);
        }

        @Operation
        public void submitOneThatSubmits() {
            submitted.incrementAndGet();
            threads.execute(() -> {
                submit();
                ran.incrementAndGet();
            });
        }

        @Validate
        public void nothingIsLeftBehind() {
            work();
            check(ran.get() == submitted.get(), "ran " + ran + " of " + submitted);
        }
    }

    @Test
    void whatIsSubmittedIsRunHoweverThreadsGoIdleAndLeave() {
        Schedules.explore(
                Pool.class,
                500,
                "submit; work | submit",
                "submit; work work | submit submit",
                "submit; work work | submitOneThatSubmits",
                "submit; work submit | submit");
    }
}
