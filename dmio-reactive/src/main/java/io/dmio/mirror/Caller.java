package io.dmio.mirror;

import io.dmio.DeviceException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.MonoSink;

/**
 * A caller that asked the mirror for something and waits for the answer. It is told on the thread that runs the
 * mailbox. What it throws then, though no caller may, is its own affair: the mirror goes on.
 *
 * @param sink where the caller waits
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

    /** Runs {@code left} if the caller leaves before it is told. */
    void onCancel(Runnable left) {
        sink.onCancel(left::run);
    }

    /** Returns a callback that tells a caller how something ended. */
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
