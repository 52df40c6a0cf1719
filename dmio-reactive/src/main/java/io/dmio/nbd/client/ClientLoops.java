package io.dmio.nbd.client;

import io.dmio.DeviceGate;
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
                    .doOnCancel(loan::drop);
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

    /** The use of a loop. It lasts until it was ended, and all channels that were opened for it are closed: a loop that ends leaves them open. */
    public final class Loan {

        private final EventLoop loop;
        private final DeviceGate channels = new DeviceGate(ClientLoops.this::endOne);
        private boolean kept; // on the loop

        private Loan(EventLoop loop) {
            this.loop = loop;
        }

        public EventLoop loop() {
            return loop;
        }

        /** Each channel enters before it is opened, and exits when it is closed; refused once the use has ended. */
        public DeviceGate channels() {
            return channels;
        }

        /** Keeps the loop beyond the making of a connection, until {@link #end}. On the loop. */
        public void keep() {
            kept = true;
        }

        /** Ends the use of a loop: nothing new will be asked of it. */
        public void end() {
            channels.shut();
        }

        // On the loop, as what makes the connection may be about to keep it there.
        private void drop() {
            if (channels.enter()) {
                loop.execute(() -> {
                    if (!kept) {
                        channels.shut();
                    }
                    channels.exit();
                });
            }
        }
    }
}
