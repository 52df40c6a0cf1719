package io.dmio.nbd.client;

import io.dmio.concurrent.Deferred;
import io.dmio.nbd.wire.Transport;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Event loops that are there while somebody uses one: the first loan starts them, the end of the last one ends them. A JVM that ends waits
 * for a third of a second for threads that are in native code, as those of loops that sleep are. Safe for use from any thread.
 */
public final class ClientLoops {

    private final String name;
    private @Nullable EventLoopGroup loops;
    private int loans;

    /**
     * Makes none yet.
     *
     * @param name the beginning of the threads' names
     */
    public ClientLoops(String name) {
        this.name = name;
    }

    /**
     * Lends a loop to a connection that is to be made. What makes it has to {@linkplain Loan#keep keep} the loan, on the loop, before it
     * succeeds; otherwise the loan ends with it.
     *
     * @param made makes the connection; told on its loop
     */
    public <T> Mono<T> lend(Function<Loan, Mono<T>> made) {
        return Deferred.mono(() -> {
            Loan loan = begin();
            return Deferred.mono(() -> made.apply(loan))
                    .doOnError(failed -> loan.drop())
                    .doOnCancel(loan::cancel);
        });
    }

    private synchronized Loan begin() {
        if (loops == null) {
            loops = Transport.own(name).loops();
        }
        loans++;
        return new Loan(loops.next());
    }

    private synchronized void endOne() {
        if (--loans == 0 && loops != null) {
            var unused = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            loops = null;
        }
    }

    /** Returns the loops, if there are any at this moment. */
    synchronized Optional<EventLoopGroup> now() {
        return Optional.ofNullable(loops);
    }

    /** The use of a loop. */
    public final class Loan {

        private enum State {
            LENT,
            KEPT,
            ENDED
        }

        private final EventLoop loop;
        private State state = State.LENT;

        private Loan(EventLoop loop) {
            this.loop = loop;
        }

        public EventLoop loop() {
            return loop;
        }

        /** Keeps the loop beyond the making of a connection, until {@link #end}. */
        public synchronized void keep() {
            state = State.KEPT;
        }

        /** Ends the use of a loop that was kept; to be called once, when nothing will be asked of it any more. */
        public void end() {
            endIf(State.KEPT);
        }

        private void drop() {
            endIf(State.LENT);
        }

        // On the loop, as what makes the connection may be about to keep it there. While it is lent, the loop takes
        // tasks.
        private synchronized void cancel() {
            if (state == State.LENT) {
                loop.execute(this::drop);
            }
        }

        private void endIf(State now) {
            synchronized (this) {
                if (state != now) {
                    return;
                }
                state = State.ENDED;
            }
            endOne();
        }
    }
}
