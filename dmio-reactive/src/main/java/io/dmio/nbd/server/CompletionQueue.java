package io.dmio.nbd.server;

import io.dmio.concurrent.DrainLoop;
import io.netty.util.ReferenceCountUtil;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The queue of ended requests: from the threads that end them, which may be any, to the event loop that answers them. */
final class CompletionQueue {

    private final Queue<ServerRequest> queue = new ConcurrentLinkedQueue<>();
    private final DrainLoop answers;

    /**
     * Creates an empty queue.
     *
     * @param answer answers the next one, and tells whether there was one
     * @param loop what answers run on
     */
    CompletionQueue(BooleanSupplier answer, Executor loop) {
        this.answers = new DrainLoop(answer, loop);
    }

    void add(ServerRequest one) {
        queue.offer(one);
        try {
            answers.run();
        } catch (RejectedExecutionException closed) { // the server was closed before its device answered
            for (ServerRequest left = queue.poll(); left != null; left = queue.poll()) {
                ReferenceCountUtil.release(left.memory); // nobody is there to answer
            }
        }
    }

    @Nullable
    ServerRequest poll() {
        return queue.poll();
    }
}
