package io.dmio.concurrent;

import io.dmio.harness.Schedules;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** What a stream owns, in every schedule of those who make it, those who take it over, and the end. */
class CustodyRaceTest {

    /** Lincheck's view of {@link Custody}: whatever the schedule, what was kept is handed over once or released once. */
    public static class CustodyModel {

        private final AtomicInteger released = new AtomicInteger();
        private final AtomicInteger handedOver = new AtomicInteger();
        private final AtomicInteger kept = new AtomicInteger();
        private final Custody<Object> custody = new Custody<>(one -> released.incrementAndGet());
        private final Object one = new Object();
        private boolean closed;

        @Operation(runOnce = true)
        public void keep() {
            kept.incrementAndGet();
            custody.keep(one);
        }

        @Operation
        public void take() {
            if (custody.take(one)) {
                handedOver.incrementAndGet();
            }
        }

        @Operation(runOnce = true)
        public void close() {
            custody.close();
            closed = true;
        }

        @Validate
        public void eachIsInOnePlace() {
            int gone = released.get() + handedOver.get();
            if (gone > kept.get() || (closed && gone != kept.get())) {
                throw new IllegalStateException(released + " released, " + handedOver + " handed over of " + kept);
            }
        }
    }

    @Test
    void inEveryScheduleWhatIsKeptIsHandedOverOrReleasedOnce() {
        Schedules.exploreAny(CustodyModel.class, 50, 8, 2);
    }
}
