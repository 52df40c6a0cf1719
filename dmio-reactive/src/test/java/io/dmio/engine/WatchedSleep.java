package io.dmio.engine;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A handler of a loop that notes the deadline of each sleep, -1 for none, and hands everything to another one. */
final class WatchedSleep implements IoHandler {

    private final IoHandler handler;
    private final BlockingQueue<Long> deadlines;

    private WatchedSleep(IoHandler handler, BlockingQueue<Long> deadlines) {
        this.handler = handler;
        this.deadlines = deadlines;
    }

    static IoHandlerFactory of(IoHandlerFactory handlers, BlockingQueue<Long> deadlines) {
        return executor -> new WatchedSleep(handlers.newHandler(executor), deadlines);
    }

    static BlockingQueue<Long> deadlines() {
        return new LinkedBlockingQueue<>();
    }

    @Override
    public int run(IoHandlerContext context) {
        return handler.run(new IoHandlerContext() {
            @Override
            public boolean canBlock() {
                return context.canBlock();
            }

            @Override
            public long delayNanos(long currentTimeNanos) {
                return context.delayNanos(currentTimeNanos);
            }

            @Override
            public long deadlineNanos() { // asked before each sleep
                long deadline = context.deadlineNanos();
                deadlines.add(deadline);
                return deadline;
            }
        });
    }

    @Override
    public void initialize() {
        handler.initialize();
    }

    @Override
    public void prepareToDestroy() {
        handler.prepareToDestroy();
    }

    @Override
    public void destroy() {
        handler.destroy();
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        return handler.register(handle);
    }

    @Override
    public void wakeup() {
        handler.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
        return handler.isCompatible(handleType);
    }
}
