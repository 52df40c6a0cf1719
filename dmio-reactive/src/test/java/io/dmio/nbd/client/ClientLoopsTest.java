package io.dmio.nbd.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Threads of clients are there while a client is. */
class ClientLoopsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int ROUNDS = 2_000;

    private final ClientLoops loops = new ClientLoops("client-loops-test");

    /** Borrows a loop and keeps it, as a client that has connected. */
    private ClientLoops.Loan kept() {
        return loops.lend(this::keeping).blockOptional(PATIENCE).orElseThrow();
    }

    private Mono<ClientLoops.Loan> keeping(ClientLoops.Loan loan) {
        return Mono.fromCallable(() -> {
                    loan.keep();
                    return loan;
                })
                .subscribeOn(Schedulers.fromExecutor(loan.loop()));
    }

    /** Ends it at once, too: what is cancelled right then tells nobody of its loan. */
    private Mono<ClientLoops.Loan> keptAndEnded(ClientLoops.Loan loan) {
        return Mono.fromCallable(() -> {
                    loan.keep();
                    loan.end();
                    return loan;
                })
                .subscribeOn(Schedulers.fromExecutor(loan.loop()));
    }

    private EventLoopGroup running() {
        return loops.now().orElseThrow();
    }

    private void assertOver(EventLoopGroup group) {
        assertThat(group.terminationFuture().awaitUninterruptibly(PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                .isTrue();
    }

    @Test
    void theFirstStartsThemAndTheLastEndsThem() {
        assertThat(loops.now()).isEmpty();
        ClientLoops.Loan one = kept();
        EventLoopGroup first = running();
        ClientLoops.Loan other = kept();
        assertThat(running()).isSameAs(first);

        one.end();
        assertThat(running()).isSameAs(first);
        assertThat(first.isShuttingDown()).isFalse();
        other.end();

        assertThat(loops.now()).isEmpty();
        assertOver(first);
        ClientLoops.Loan next = kept();
        assertThat(running()).isNotSameAs(first);
        EventLoopGroup second = running();
        next.end();
        assertOver(second);
    }

    @Test
    void aLoanEndsOnce() {
        ClientLoops.Loan one = kept();
        ClientLoops.Loan other = kept();
        EventLoopGroup group = running();

        one.end();
        one.end();

        assertThat(running()).isSameAs(group);
        other.end();
        assertOver(group);
    }

    @Test
    void aConnectionThatFailsGivesItsLoopBack() {
        AtomicReference<EventLoopGroup> seen = new AtomicReference<>();

        assertThatThrownBy(() -> loops.lend(loan -> {
                            seen.set(running());
                            return Mono.error(new IllegalStateException("nobody is there"));
                        })
                        .block(PATIENCE))
                .hasMessage("nobody is there");

        assertOver(Objects.requireNonNull(seen.get()));
        assertThat(loops.now()).isEmpty();
    }

    @Test
    void whatCannotEvenBeginGivesItsLoopBack() {
        AtomicReference<EventLoopGroup> seen = new AtomicReference<>();

        assertThatThrownBy(() -> loops.lend(loan -> {
                            seen.set(running());
                            throw new OutOfMemoryError("played");
                        })
                        .block(PATIENCE))
                .hasMessageContaining("played");

        assertOver(Objects.requireNonNull(seen.get()));
        assertThat(loops.now()).isEmpty();
    }

    @Test
    void aCancelWhileItConnectsGivesTheLoopBack() {
        Disposable connecting = loops.lend(loan -> Mono.never()).subscribe();
        EventLoopGroup group = running();

        connecting.dispose();

        assertOver(group);
        assertThat(loops.now()).isEmpty();
    }

    @Test
    void aCancelOfWhatIsConnectedLeavesItsLoopToIt() throws InterruptedException {
        AtomicReference<ClientLoops.Loan> taken = new AtomicReference<>();
        CountDownLatch asked = new CountDownLatch(1);
        Disposable connecting = loops.lend(loan -> keeping(loan)
                        .doOnNext(taken::set)
                        .doOnNext(kept -> asked.countDown())
                        .then(Mono.never()))
                .subscribe();
        assertThat(asked.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        EventLoopGroup group = running();

        connecting.dispose();

        assertThat(running()).isSameAs(group);
        assertThat(group.isShuttingDown()).isFalse();
        Objects.requireNonNull(taken.get()).end();
        assertOver(group);
    }

    @Test
    void ofManyThatComeAndGoAtOnceNoneIsForgottenAndNoneGetsALoopThatEnds() {
        List<EventLoopGroup> seen = new ArrayList<>();
        Long answers = Flux.range(0, ROUNDS)
                .flatMap(
                        i -> switch (i % 3) {
                            case 0 -> held();
                            case 1 ->
                                loops.lend(loan -> Mono.<Long>error(new IllegalStateException()))
                                        .onErrorReturn(0L)
                                        .subscribeOn(Schedulers.parallel());
                            default ->
                                loops.lend(this::keptAndEnded)
                                        .timeout(Duration.ZERO)
                                        .thenReturn(0L)
                                        .onErrorReturn(0L)
                                        .subscribeOn(Schedulers.parallel());
                        },
                        16)
                .doOnNext(one -> loops.now().ifPresent(seen::add))
                .count()
                .block(PATIENCE);

        assertThat(answers).isEqualTo(ROUNDS);
        seen.forEach(this::assertOver);
        assertThat(loops.now()).isEmpty();
    }

    /** Has a loop of its own do something while it keeps it. */
    private Mono<Long> held() {
        return loops.lend(this::keeping)
                .flatMap(loan -> Mono.fromCallable(() -> 1L)
                        .subscribeOn(Schedulers.fromExecutor(loan.loop()))
                        .doFinally(signal -> loan.end()))
                .subscribeOn(Schedulers.parallel());
    }
}
