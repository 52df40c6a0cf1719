package io.dmio.app.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

class HeartbeatTest {

    private static final Duration PAUSE = Duration.ofSeconds(3);

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final List<String> told = new ArrayList<>();
    private Mono<String> answer = Mono.just("well");
    private final Heartbeat beating = new Heartbeat(PAUSE, Mono.defer(() -> answer), told::add, time);

    @AfterEach
    void over() {
        beating.close();
        time.dispose();
    }

    @Test
    void whatAnswersIsToldToLiveEachTime() {
        time.advanceTimeBy(PAUSE.multipliedBy(3));
        assertThat(told).containsExactly("well", "well", "well");
        beating.close();
        time.advanceTimeBy(PAUSE);
        assertThat(told).hasSize(3);
    }

    @Test
    void whatHangsIsNotToldToLiveThoughTimersRun() {
        answer = Mono.never();
        time.advanceTimeBy(Duration.ofMinutes(10));
        assertThat(told).isEmpty();
        answer = Mono.just("again");
        time.advanceTimeBy(PAUSE.multipliedBy(3));
        assertThat(told).contains("again");
    }

    @Test
    void whatHasFailedInsideIsNotToldToLive() {
        answer = Mono.error(new IllegalStateException("broken"));
        time.advanceTimeBy(PAUSE.multipliedBy(5));
        assertThat(told).isEmpty();
    }
}
