package io.dmio.engine;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The event loops of an engine. Others may run their sockets on them, but only the engine can shut them down: a loop that ends takes with it
 * the engine's operations that the kernel has not answered, and their memory.
 */
final class EngineLoops extends MultiThreadIoEventLoopGroup {

    private volatile boolean ending; // false while the constructor of the super class makes the loops

    EngineLoops(int loops, ThreadFactory factory, IoHandlerFactory handlers) {
        super(loops, factory, handlers);
    }

    @Override
    protected IoEventLoop newChild(Executor executor, IoHandlerFactory handlers, Object... args) {
        return new Loop(executor, handlers);
    }

    /** Ends the loops; to be called when no operation is in flight. */
    void end() {
        ending = true;
        var unused = super.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    /** Refused. */
    @Override
    public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
        throw refusal();
    }

    /** Refused. */
    @Override
    @Deprecated
    public void shutdown() {
        throw refusal();
    }

    private static UnsupportedOperationException refusal() {
        return new UnsupportedOperationException("these event loops are an engine's and end with it: close the engine");
    }

    private final class Loop extends SingleThreadIoEventLoop {

        Loop(Executor executor, IoHandlerFactory handlers) {
            super(EngineLoops.this, executor, handlers);
        }

        /**
         * Returns -1 if nothing is scheduled, so that the loop sleeps until it is woken. Netty would say "in a second", and hand the ring a
         * timer before each sleep, though nothing is to be done then: whoever hands the loop a task wakes it.
         */
        @Override
        protected long deadlineNanos() {
            return nextScheduledTaskDeadlineNanos();
        }

        @Override
        public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
            if (!ending) {
                throw refusal();
            }
            return super.shutdownGracefully(quietPeriod, timeout, unit);
        }

        @Override
        @Deprecated
        public void shutdown() {
            throw refusal();
        }
    }
}
