package io.dmio.mirror;

import static io.dmio.harness.Schedules.check;

import io.dmio.harness.Schedules;
import io.dmio.mirror.MirrorEvent.Kind;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.scheduler.Schedulers;

/** A listener that comes, asks and leaves while events happen, in schedules that a model checker chooses. */
class EventLogScheduleTest {

    /** A log, and what one listener heard of it. */
    public static class Heard {

        private final EventLog log = new EventLog("m", Schedulers.immediate());
        private final AtomicInteger happened = new AtomicInteger();
        private final AtomicInteger asked = new AtomicInteger();
        private volatile @Nullable Subscription subscription;
        private boolean telling; // plain, as the listener is told by one at a time
        private boolean disorder;
        private long last;
        private boolean left;
        private boolean ended;

        private final class Listener implements CoreSubscriber<MirrorEvent> {
            @Override
            public void onSubscribe(Subscription given) {
                given.request(2);
                asked.addAndGet(2);
                subscription = given;
            }

            @Override
            public void onNext(MirrorEvent event) {
                disorder |= telling || ended || event.number() != last + 1;
                telling = true;
                last = event.number();
                telling = false;
            }

            @Override
            public void onError(Throwable never) {
                disorder = true;
            }

            @Override
            public void onComplete() {
                disorder |= ended;
                ended = true;
            }
        }

        // Told in the mailbox, so by one thread.
        @Operation(nonParallelGroup = "mailbox")
        public void happen() {
            happened.incrementAndGet();
            log.add(Kind.LEG_JOINED, 0, "");
        }

        @Operation(runOnce = true)
        public void end() {
            log.complete();
        }

        @Operation(runOnce = true)
        public void listen() {
            log.flux(0).subscribe(new Listener());
        }

        @Operation
        public void ask() {
            Subscription given = subscription;
            if (given != null) {
                asked.incrementAndGet();
                given.request(1);
            }
        }

        @Operation(runOnce = true)
        public void leave() {
            Subscription given = subscription;
            if (given != null) {
                left = true;
                given.cancel();
            }
        }

        @Validate
        public void allThatWasAskedForIsToldOnceAndInOrder() {
            check(!disorder, "two at a time, out of order, twice, or after the end");
            check(left || last == Math.min(happened.get(), asked.get()), "left behind: " + last);
        }
    }

    @Test
    void whatHappensWhileOneComesOrAsksIsToldOnce() {
        Schedules.explore(
                Heard.class,
                120,
                "happen | listen",
                "happen; happen happen | listen",
                "listen; happen happen happen | ask",
                "listen; happen | leave",
                "happen; happen end | listen ask");
    }
}
