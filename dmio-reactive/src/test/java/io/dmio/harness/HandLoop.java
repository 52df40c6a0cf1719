package io.dmio.harness;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoRegistration;
import io.netty.util.concurrent.AbstractEventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An event loop without a thread: what it is given waits until somebody turns it, one task at a time, and is its thread
 * meanwhile. Whoever turns it sees to it that nobody else does. Its timers ring when somebody says so, however long they are.
 */
@SuppressWarnings("deprecation") // the interface asks for them
public final class HandLoop extends AbstractEventExecutor implements IoEventLoop {

    private final Tasks tasks = new Tasks();
    private final Tasks timers = new Tasks();
    private final @Nullable IoRegistration registration;
    private volatile boolean closed;
    private volatile @Nullable Thread thread;

    /** A queue; its methods are one step each for whoever explores schedules. */
    static final class Tasks {
        private final Queue<Runnable> all = new ArrayDeque<>();

        synchronized void add(Runnable task) {
            all.add(task);
        }

        synchronized @Nullable Runnable poll() {
            return all.poll();
        }
    }

    /**
     * A loop with nothing to do.
     *
     * @param registration what a handle gets that registers, or null if none will
     */
    public HandLoop(@Nullable IoRegistration registration) {
        this.registration = registration;
    }

    @Override
    public void execute(Runnable task) {
        if (closed) {
            throw new RejectedExecutionException("the loop is closed");
        }
        tasks.add(task);
    }

    /** Takes no more tasks; does those it has. */
    public void close() {
        closed = true;
    }

    /** Does the next task; false if there is none. */
    public boolean turn() {
        return doNext(tasks.poll());
    }

    /** Has the oldest timer ring; false if there is none. */
    public boolean ring() {
        return doNext(timers.poll());
    }

    private boolean doNext(@Nullable Runnable task) {
        if (task != null) {
            as(task);
        }
        return task != null;
    }

    /** Does something as the loop's thread. */
    public void as(Runnable task) {
        thread = Thread.currentThread();
        task.run();
        thread = null;
    }

    @Override
    public boolean inEventLoop(Thread asking) {
        return asking == thread;
    }

    @Override
    public Future<IoRegistration> register(IoHandle handle) {
        return newSucceededFuture(registration);
    }

    @Override
    public @Nullable ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        timers.add(task);
        return null; // nobody cancels one
    }

    @Override
    public IoEventLoop next() {
        return this;
    }

    @Override
    public @Nullable IoEventLoopGroup parent() {
        return null;
    }

    // What follows is not for those who use one loop and leave its life to its owner.

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handle) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isIoType(Class<? extends IoHandler> handler) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ChannelFuture register(Channel channel) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ChannelFuture register(ChannelPromise promise) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ChannelFuture register(Channel channel, ChannelPromise promise) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isShuttingDown() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<?> terminationFuture() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void shutdown() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isShutdown() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isTerminated() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }
}
