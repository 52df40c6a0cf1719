package io.dmio;

import static io.dmio.harness.Schedules.check;

import io.dmio.harness.Asker;
import io.dmio.harness.HandAnswer;
import io.dmio.harness.Schedules;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** The short way of a request: its legs' answers, a cancel, and what waits behind it, in schedules that a model checker chooses. */
class SingleSpanScheduleTest {

    private static final int RUNS = 30;
    private static final ByteBuffer DIRECT = ByteBuffer.allocateDirect(Sectors.BYTES);

    /** A write to two devices, and a read of a third one that waits for its page. */
    public static class Requests {

        private final PageBudget budget = new PageBudget(1, 10);
        private boolean wrong; // kept, as what a subscriber throws is not heard

        private final Bytes written = new Bytes();
        private final Bytes read = new Bytes();
        private final Leg first = new Leg("first", written);
        private final Leg second = new Leg("second", written);
        private final Leg third = new Leg("third", read);
        private final Asker<ErrorBits> writer = new Asker<>(written::look);
        private final Asker<ErrorBits> reader = new Asker<>(read::look);
        private final Asker<Void> closer = new Asker<>();

        private void noteIf(boolean bad) {
            if (bad) { // and else leaves what another thread noted
                wrong = true;
            }
        }

        /** The caller's memory. */
        private final class Bytes {
            private final ByteBuf buffer = Unpooled.wrappedBuffer(DIRECT);
            private volatile boolean isTheCallersAlone; // who has left, and nobody held it then

            void look() {
                noteIf(buffer.refCnt() != 1);
            }

            void leave(Asker<ErrorBits> caller) {
                isTheCallersAlone = caller.leave() && buffer.refCnt() == 1;
            }
        }

        /** A device that is asked for one operation. */
        private final class Leg implements BlockDevice {
            private final DeviceInfo info;
            private final HandAnswer<Void> answer;
            private boolean throwing;
            private boolean failed;

            Leg(String name, Bytes bytes) {
                this.info = DeviceInfo.of(name, 1, "hand");
                this.answer = new HandAnswer<>(() -> noteIf(bytes.isTheCallersAlone || bytes.buffer.refCnt() < 2));
            }

            @Override
            public DeviceInfo info() {
                return info;
            }

            @Override
            public Mono<Void> submit(BlockOp op) {
                if (throwing) {
                    failed = true;
                    throw new IllegalStateException("broken");
                }
                return answer;
            }

            @Override
            public Mono<Void> close() {
                return Mono.empty();
            }

            void fail() {
                failed = !answer.isGiven() && answer.fail(DeviceException.of(Errno.EIO, info.name(), "failed"));
            }

            boolean isAtWork() {
                return answer.asked() > 0 && !answer.isGiven();
            }

            // A failure that was told as the first answer is told on, with its cause.
            boolean isToldOn(ErrorBits bits, int bit) {
                return bits.failed(bit) == failed && bits.cause(bit).isPresent() == failed;
            }
        }

        public Requests() {
            check(isShort(writing()) && isShort(reading()), "this is the general way");
        }

        private boolean isShort(IoRequest request) {
            return SingleSpanRun.suits(request, budget, Sectors.PAGE_BYTES);
        }

        private IoRequest writing() {
            List<IoRegion> to = List.of(all(first), all(second));
            return IoRequest.write(to, VmBuffer.of(written.buffer), WriteOptions.NONE);
        }

        private IoRequest reading() {
            return IoRequest.read(all(third), VmBuffer.of(read.buffer));
        }

        private void ask(IoRequest request, Asker<ErrorBits> asker) {
            new Dispatch(request, budget, Sectors.PAGE_BYTES, false).subscribe(asker);
        }

        private IoRegion all(Leg of) {
            return new IoRegion(of, 0, 1);
        }

        @Operation(runOnce = true)
        public void write() {
            ask(writing(), writer);
        }

        @Operation(runOnce = true)
        public void read() {
            ask(reading(), reader);
        }

        @Operation(runOnce = true)
        public void theFirstThrows() {
            first.throwing = true;
        }

        @Operation(nonParallelGroup = "first")
        public void answerFirst() {
            first.answer.complete();
        }

        @Operation(nonParallelGroup = "first", runOnce = true)
        public void failFirst() {
            first.fail();
        }

        @Operation(runOnce = true)
        public void failSecond() {
            second.fail();
        }

        @Operation(runOnce = true)
        public void failThird() {
            third.fail();
        }

        @Operation(runOnce = true)
        public void leave() {
            written.leave(writer);
        }

        @Operation(runOnce = true)
        public void leaveReading() {
            read.leave(reader);
        }

        @Operation(runOnce = true)
        public void put() {
            budget.shrink(1).subscribe(closer);
        }

        @Validate
        public void oneResultOnceAllHaveAnsweredAndNothingIsKept() {
            for (Leg leg : List.of(first, second, third)) {
                if (leg.isAtWork()) {
                    leg.answer.complete();
                }
            }
            check(!wrong, "told before all was given back, or memory touched that was not held");
            check(writer.wasToldOnce() && reader.wasToldOnce() && closer.wasToldOnce(), "told twice, or never");
            ErrorBits bits = writer.value();
            check(bits == null || (first.isToldOn(bits, 0) && second.isToldOn(bits, 1)), "a failure lost or made up");
            ErrorBits ofRead = reader.value();
            check(ofRead == null || third.isToldOn(ofRead, 0), "a failure lost or made up");
            check(written.buffer.refCnt() == 1 && read.buffer.refCnt() == 1, "memory kept, or given back twice");
            check(budget.inUse() == 0 && budget.waiting() == 0, "pages lost, or somebody forgotten");
        }
    }

    /** The same once both legs were asked. */
    public static class Asked extends Requests {
        public Asked() {
            super.write();
        }

        @Override
        public void write() {} // no operation here: each asks once
    }

    @Test
    void theResultIsToldOnceAllLegsHaveAnswered() {
        Schedules.explore(
                Requests.class,
                RUNS,
                "write | answerFirst failSecond",
                "theFirstThrows; write | failSecond",
                "write; failFirst | failSecond",
                "write; answerFirst | answerFirst");
    }

    @Test
    void whoeverLeftFindsTheMemoryHeldOrNeverTouched() {
        Schedules.explore(
                Requests.class,
                RUNS,
                "write | leave answerFirst",
                "write failSecond; read leaveReading | answerFirst",
                "write failSecond read; leaveReading | answerFirst failThird");
    }

    @Test
    void aPageThatComesBackIsTheNextOnesOrGone() {
        Schedules.explore(
                Requests.class,
                RUNS,
                "write failSecond; read failThird | answerFirst",
                "write failSecond; put | answerFirst read");
    }

    @Test
    void anyScenarioEndsWell() {
        Schedules.exploreAny(Asked.class, RUNS / 3, 10, 3);
    }
}
