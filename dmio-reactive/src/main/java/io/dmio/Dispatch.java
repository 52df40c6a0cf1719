package io.dmio;

import io.dmio.budget.Ticket;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** The Mono that executes a request on its devices, after {@code dispatch_io} (dm-io.c); each subscription executes it again. */
final class Dispatch extends Mono<ErrorBits> {

    private final IoRequest request;
    private final PageBudget budget;
    private final int transferBytesMax;
    private final boolean accepted;

    /**
     * Creates the Mono; touches nothing yet.
     *
     * @param transferBytesMax the most bytes handed to the devices at once
     * @param accepted whether the request is part of a stream or pipeline that has had its turn; then it is never refused for lack of room in
     *     the queue
     */
    Dispatch(IoRequest request, PageBudget budget, int transferBytesMax, boolean accepted) {
        this.request = request;
        this.budget = budget;
        this.transferBytesMax = transferBytesMax;
        this.accepted = accepted;
    }

    @Override
    public void subscribe(CoreSubscriber<? super ErrorBits> actual) {
        SingleSpanRun simple = null;
        try {
            if (SingleSpanRun.suits(request, budget, transferBytesMax)) {
                simple = new SingleSpanRun(request, budget, ticket(), actual);
            }
        } catch (Throwable thrown) { // closed, or a device cannot describe itself
            Operators.error(actual, thrown);
            return;
        }
        if (simple != null) {
            actual.onSubscribe(simple);
        } else {
            general().contextWrite(LentThread::withdraw).subscribe(actual); // its operations run side by side
        }
    }

    /** Returns the general way, which serves requests of every shape. */
    Mono<ErrorBits> general() {
        return Mono.defer(() -> {
            try {
                return new FanOut(request, budget, ticket(), transferBytesMax).start();
            } catch (Throwable thrown) { // Mono.defer would throw it on if Reactor calls it fatal
                return Mono.error(thrown);
            }
        });
    }

    /** Returns the ticket that the request's claims show. */
    private Ticket ticket() {
        return accepted ? Ticket.SEATED : Ticket.NEW;
    }
}
