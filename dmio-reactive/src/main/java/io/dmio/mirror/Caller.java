package io.dmio.mirror;

import io.dmio.DeviceException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.MonoSink;

/**
 * Whoever asked the mirror for something, and waits for it. It is told on the thread that is at the mailbox, and what it throws then,
 * though nobody may, is its own affair: the mirror goes on.
 *
 * @param sink where it waits
 */
record Caller<T>(MonoSink<T> sink) {

    void success() {
        Answers.safely(sink::success);
    }

    void success(@Nullable T value) {
        Answers.safely(() -> sink.success(value));
    }

    void error(Throwable why) {
        Answers.safely(() -> sink.error(why));
    }

    /** Runs it if the caller leaves before it is told. */
    void onCancel(Runnable left) {
        sink.onCancel(left::run);
    }

    /** Tells a caller that waits for an end of it. */
    static Consumer<@Nullable DeviceException> into(Caller<Void> caller) {
        return problem -> tell(caller.sink, problem);
    }

    /** Ends a signal: completes, or errors with the problem. */
    static void tell(MonoSink<Void> sink, @Nullable DeviceException problem) {
        Answers.safely(() -> {
            if (problem == null) {
                sink.success();
            } else {
                sink.error(problem);
            }
        });
    }
}
