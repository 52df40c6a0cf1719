package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.mirror.MirrorEvent.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Who listens to a mirror's events is told each that is kept, once and in order, whenever it comes, asks and leaves. */
class EventLogTest {

    private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
    private final EventLog log = new EventLog("m", clock);
    private long happened;

    @AfterEach
    void stopTheClock() {
        clock.dispose();
    }

    private void happens(int times) {
        for (int i = 0; i < times; i++) {
            log.add(Kind.LEG_JOINED, 0, "event " + ++happened);
        }
    }

    /** Asks for what it is told to, and writes down what it hears. */
    private static class Asking extends BaseSubscriber<MirrorEvent> {
        final List<Long> heard = new ArrayList<>();
        boolean completed;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            // nothing is asked for yet
        }

        @Override
        protected void hookOnNext(MirrorEvent event) {
            assertThat(event.message()).isEqualTo("event " + event.number());
            heard.add(event.number());
        }

        @Override
        protected void hookOnComplete() {
            completed = true;
        }
    }

    private Asking listen(long after) {
        Asking listener = new Asking();
        log.flux(after).subscribe(listener);
        return listener;
    }

    private static List<Long> numbers(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }

    @Test
    void whoComesAtAnyTimeAndAsksInAnyPartsHearsAllOnceAndInOrder() {
        int most = 4;
        for (int before = 0; before < most; before++) {
            for (int asked = 0; asked < most; asked++) {
                for (int between = 0; between < most; between++) {
                    for (int again = 0; again < most; again++) {
                        oneOrder(before, asked, between, again);
                    }
                }
            }
        }
    }

    private static void oneOrder(int before, int asked, int between, int again) {
        EventLogTest fresh = new EventLogTest();
        fresh.happens(before);
        Asking listener = fresh.listen(0);
        ask(listener, asked);
        assertThat(listener.heard).isEqualTo(numbers(1, Math.min(asked, before)));
        fresh.happens(between);
        assertThat(listener.heard).isEqualTo(numbers(1, Math.min(asked, before + between)));
        ask(listener, again);
        assertThat(listener.heard).isEqualTo(numbers(1, Math.min(asked + again, before + between)));
        fresh.log.complete();
        assertThat(listener.completed).isEqualTo(asked + again >= before + between);
        listener.requestUnbounded();
        assertThat(listener.heard).isEqualTo(numbers(1, before + between));
        assertThat(listener.completed).isTrue();
        fresh.clock.dispose();
    }

    private static void ask(Asking listener, int events) {
        if (events > 0) {
            listener.request(events);
        }
    }

    @Test
    void whoWasToldSomeHearsTheRestAndWhoKnowsAnEarlierStartHearsAll() {
        happens(5);
        for (int after = 0; after <= 7; after++) {
            Asking listener = listen(after);
            listener.requestUnbounded();
            assertThat(listener.heard).isEqualTo(numbers(after > 5 ? 1 : after + 1, 5));
        }
    }

    @Test
    void theLastThousandAreKeptAndWhoIsSlowerSeesByTheNumbersWhatItMissed() {
        happens(1);
        Asking slow = listen(0);
        slow.request(1);
        happens(EventLog.KEPT);
        slow.request(1);
        assertThat(slow.heard).containsExactly(1L, 2L);
        happens(10);
        slow.requestUnbounded();
        List<Long> all = new ArrayList<>(List.of(1L, 2L));
        all.addAll(numbers(12, EventLog.KEPT + 11));
        assertThat(slow.heard).isEqualTo(all);
        assertThat(log.last())
                .extracting(MirrorEvent::number)
                .isEqualTo(numbers(EventLog.KEPT - 20, EventLog.KEPT + 11));
    }

    @Test
    void whatHappensThousandsOfTimesInARowDrownsNothingElse() {
        log.add(Kind.STARTED, -1, "started");
        for (int i = 0; i < 5_000; i++) {
            log.add(Kind.READ_ERROR, 0, "bad sector");
            log.add(Kind.READ_ERROR, 1, "bad sector");
            log.add(Kind.LEG_FAILED, i, "each is told");
        }
        assertThat(log.count()).isEqualTo(1 + 2 * EventLimit.TOLD_MAX + 5_000);
        clock.advanceTimeBy(Duration.ofMinutes(1));
        log.add(Kind.READ_ERROR, 0, "bad sector");
        log.add(Kind.READ_ERROR, 0, "bad sector");
        List<MirrorEvent> last = log.last();
        assertThat(last.get(last.size() - 2).message()).isEqualTo("bad sector, and 4990 more of the kind before it");
        assertThat(last.get(last.size() - 1).message()).isEqualTo("bad sector");
    }

    @Test
    void whatHappensWhileOneIsToldIsToldAfterIt() {
        List<String> order = new ArrayList<>();
        Asking nesting = new Asking() {
            @Override
            protected void hookOnNext(MirrorEvent event) {
                order.add("begin " + event.number());
                if (event.number() < 3) {
                    happens(1);
                    request(1);
                }
                order.add("end " + event.number());
            }
        };
        log.flux(0).subscribe(nesting);
        nesting.request(1);
        happens(1);
        assertThat(order).containsExactly("begin 1", "end 1", "begin 2", "end 2", "begin 3", "end 3");
    }

    @Test
    void whoLeavesWhileItIsToldHearsNothingMore() {
        happens(3);
        Asking leaving = new Asking() {
            @Override
            protected void hookOnNext(MirrorEvent event) {
                super.hookOnNext(event);
                cancel();
            }
        };
        log.flux(0).subscribe(leaving);
        leaving.requestUnbounded();
        happens(1);
        assertThat(leaving.heard).containsExactly(1L);
    }

    @Test
    void whatWasToldBeforeTheEndIsToldAlsoToWhoComesAfterIt() {
        happens(2);
        log.complete();
        Asking late = listen(0);
        late.request(1);
        assertThat(late.completed).isFalse();
        late.request(1);
        assertThat(late.heard).containsExactly(1L, 2L);
        assertThat(late.completed).isTrue();
    }
}
