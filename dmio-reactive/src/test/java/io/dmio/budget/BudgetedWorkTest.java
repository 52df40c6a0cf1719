package io.dmio.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;

/** Work of others that runs while it holds pages. */
class BudgetedWorkTest {

    private final PageAccount budget = new PageAccount(1, 10);

    @Test
    void aCancelDoesNotWaitForWorkThatIsBeingCalled() throws InterruptedException {
        BaseSubscriber<Integer> subscriber = new BaseSubscriber<>() {};
        Thread canceller = new Thread(subscriber::cancel);
        boolean[] waited = {true};
        new BudgetedWork<>(
                        budget,
                        1,
                        () -> {
                            canceller.start();
                            waited[0] = waits(canceller);
                            return Mono.just(1);
                        },
                        Ticket.NEW)
                .subscribe(subscriber);

        canceller.join(TimeUnit.SECONDS.toMillis(10));
        assertThat(waited[0])
                .as("the work may want a lock that the canceller holds")
                .isFalse();
        assertThat(budget.inUse()).isZero();
    }

    @Test
    void aPartOfAStreamIsRefusedOnceTheBudgetIsClosedOrEmpty() {
        PageAccount budget = new PageAccount(1, 0);
        Mono<Integer> part = new BudgetedWork<>(budget, 1, () -> Mono.just(1), Ticket.SEATED);
        assertThat(part.block()).isEqualTo(1);
        budget.shrink(1).block();
        assertThat(part.toFuture())
                .failsWithin(1, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("no pages");
        budget.close().block();
        assertThat(part.toFuture())
                .failsWithin(1, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("closed");
    }

    private static boolean waits(Thread thread) {
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
            return thread.isAlive();
        } catch (InterruptedException never) {
            throw new IllegalStateException(never);
        }
    }
}
