package io.dmio.app;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * What runs beside a test, each on a thread of its own. The JDK's common pool would not do: with two processors it has one
 * thread, on which whatever comes second waits for what came first, and since JDK 25 {@code CompletableFuture} uses it even so.
 */
public final class OwnThread {

    private static final Executor EACH = work -> {
        Thread thread = new Thread(work, "beside a test");
        thread.setDaemon(true);
        thread.start();
    };

    private OwnThread() {}

    public static <T> CompletableFuture<T> call(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, EACH);
    }

    public static CompletableFuture<Void> run(Runnable work) {
        return CompletableFuture.runAsync(work, EACH);
    }
}
