package io.dmio;

import io.dmio.budget.Ticket;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/**
 * One step of a request on some of its legs at once, which holds pages: it transfers a span, or gives a command. Subscribed once, by its
 * {@link FanOut}.
 */
abstract class Step extends Mono<ErrorBits> {

    private final PageBudget budget;
    private final Ticket ticket;
    private final List<RequestLeg> legs;

    Step(PageBudget budget, Ticket ticket, List<RequestLeg> legs) {
        this.budget = budget;
        this.ticket = ticket;
        this.legs = legs;
    }

    abstract int pages();

    /** Retains what the legs share. */
    abstract void hold();

    abstract void letGo();

    /** Assembles what a leg does; the fan-in subscribes to it. */
    abstract Mono<?> assemble(RequestLeg leg);

    /** Leaves zeroes where a leg that failed as a whole should have read. */
    abstract void zero(RequestLeg leg);

    /** Returns why a leg failed. */
    abstract DeviceException cause(RequestLeg leg, Throwable thrown);

    final List<RequestLeg> legs() {
        return legs;
    }

    @Override
    public final void subscribe(CoreSubscriber<? super ErrorBits> actual) {
        actual.onSubscribe(new Run(this, actual));
    }

    private static final class Run extends FanIn {

        private final Step of;
        private @Nullable Throwable notHeld;

        Run(Step of, CoreSubscriber<? super ErrorBits> actual) {
            super(of.budget, of.pages(), of.ticket, actual);
            this.of = of;
        }

        // An error must not end what other steps have begun: after these, a failure here is one of every leg.
        @Override
        protected void hold() {
            try {
                of.hold();
            } catch (Throwable thrown) {
                if (ticket.part() == null) {
                    throw thrown;
                }
                notHeld = thrown;
            }
        }

        @Override
        protected int parts() {
            return of.legs.size();
        }

        @Override
        Mono<?> assemble(int leg) {
            return notHeld == null ? of.assemble(of.legs.get(leg)) : Mono.error(notHeld);
        }

        @Override
        int bit(int leg) {
            return of.legs.get(leg).index();
        }

        @Override
        void zero(int leg) {
            of.zero(of.legs.get(leg));
        }

        @Override
        DeviceException cause(int leg, Throwable thrown) {
            return of.cause(of.legs.get(leg), thrown);
        }

        @Override
        void letGo() {
            if (notHeld == null) {
                of.letGo();
            }
        }
    }
}
