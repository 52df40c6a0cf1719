package io.dmio.nbd.client;

import static io.dmio.harness.Schedules.check;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.harness.HandLoop;
import io.dmio.harness.Schedules;
import io.dmio.nbd.wire.WireError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Requests of any thread that are sent, answered, lost and sent again by one event loop, in schedules that a model checker
 * chooses; the server is played.
 */
class LinkScheduleTest {

    private static final int RUNS = 12;
    private static final int TURNS_MAX = 40;
    private static final int EIO = 5;
    private static final Duration TIME = Duration.ofSeconds(60);
    private static final LinkOptions OPTIONS =
            new LinkOptions(2, TIME, TIME, TIME, new LinkOptions.LossRule(true, TIME), Optional.empty());
    private static final ByteBuffer DIRECT = ByteBuffer.allocateDirect(512);

    /** A link over two connections; operations of the group "loop" are all on one thread. */
    public static class Link {

        private final HandLoop loop = new HandLoop(null);
        private int ends;
        private final PlayedServer server = new PlayedServer(loop, OPTIONS);
        private final ClientLink link = new ClientLink(server, PlayedServer.agreement(), loop, () -> ends++);
        private final Schedules.Clock clock = new Schedules.Clock();
        private final ByteBuf memory = Unpooled.wrappedBuffer(DIRECT);
        private final Asked write = new Asked(new BlockOp.Write(0, memory, false));
        private final Asked read = new Asked(new BlockOp.Read(1, memory));
        private final Asked more = new Asked(new BlockOp.Read(2, memory));
        private final Asked late = new Asked(new BlockOp.Read(3, memory));
        private final Asked flush = new Asked(new BlockOp.Flush());
        private int lost; // when a connection was, last

        public Link() {
            loop.as(() -> link.start(server.connection()));
        }

        /** One request: when it was asked for and told of, and how it ended. */
        private final class Asked {
            private final BlockOp op;
            private int asked;
            private int told;
            private @Nullable DeviceException problem;

            Asked(BlockOp op) {
                this.op = op;
            }

            void submit(long nanosAgo) {
                asked = clock.tick();
                link.submit(ClientRequest.of(op, System.nanoTime() - nanosAgo, this::ended));
            }

            private void ended(ClientRequest request, @Nullable DeviceException how) {
                told = told == 0 ? clock.tick() : -1;
                problem = how;
            }

            boolean isOver() {
                return asked == 0 || told > 0;
            }
        }

        @Operation(runOnce = true)
        public void write() {
            write.submit(0);
        }

        @Operation(runOnce = true)
        public void read() {
            read.submit(0);
        }

        @Operation(runOnce = true)
        public void readMore() {
            more.submit(0);
        }

        @Operation(runOnce = true)
        public void readWhatTakesTooLong() {
            late.submit(2 * TIME.toNanos());
        }

        @Operation(runOnce = true)
        public void flush() {
            flush.submit(0);
        }

        @Operation(nonParallelGroup = "loop")
        public void turn() {
            loop.turn();
        }

        @Operation(nonParallelGroup = "loop")
        public void look() {
            loop.ring();
        }

        @Operation(nonParallelGroup = "loop")
        public void answer() {
            server.answer(false, 0);
        }

        @Operation(nonParallelGroup = "loop")
        public void answerTheLast() {
            server.answer(true, 0);
        }

        @Operation(nonParallelGroup = "loop", runOnce = true)
        public void fail() {
            server.answer(false, EIO);
        }

        @Operation(nonParallelGroup = "loop", runOnce = true)
        public void shutDown() {
            server.answer(false, WireError.ESHUTDOWN.number());
        }

        @Operation(nonParallelGroup = "loop")
        public void lose() {
            lost = clock.tick();
            server.lose();
        }

        @Validate
        public void everyRequestIsToldOnceAndNoFlushClaimsWhatItCannotKnow() {
            for (int turn = 0; turn < TURNS_MAX && !isOver(); turn++) {
                if (!loop.turn() && !server.answer(false, 0)) {
                    loop.ring();
                }
            }
            check(isOver(), "a request was told twice, or never");
            check(!server.isAwaited(), "an answer is awaited that nobody asked for");
            check(memory.refCnt() == 1, "memory kept, or given back twice");
            link.close();
            while (loop.turn()) {
                // until all have taken their leave
            }
            check(server.lines() == 0, "a connection was forgotten");
            while (ends == 0 && loop.ring()) {
                // until no pause is waited for
            }
            check(ends == 1, "the loop was given back " + ends + " times");
            boolean doubtful = write.told > 0 && write.problem == null && write.told < lost && lost < flush.told;
            check(!doubtful || write.told > flush.asked || flush.problem != null, "a flush claims what may be gone");
        }

        private boolean isOver() {
            return write.isOver() && read.isOver() && more.isOver() && late.isOver() && flush.isOver();
        }
    }

    @Test
    void everyRequestIsToldOnceInWhateverOrderAnswersCome() {
        Schedules.explore(Link.class, 4 * RUNS, "read | turn"); // few steps, so each of them is a place to switch
        Schedules.explore(
                Link.class,
                RUNS,
                "read | turn turn answer",
                "read readMore | write turn turn answerTheLast",
                "read write | readMore turn turn fail answer");
    }

    @Test
    void whatALostConnectionOwesIsAskedAgain() {
        Schedules.explore(
                Link.class,
                RUNS,
                "read readMore | turn turn lose answer",
                "read write | turn lose lose answer",
                "read readMore | turn turn shutDown answer");
    }

    @Test
    void anAnswerThatComesTooLateIsNobodys() {
        Schedules.explore(
                Link.class,
                RUNS,
                "readWhatTakesTooLong | turn turn look answer",
                "readWhatTakesTooLong read | turn turn look lose answer");
    }

    @Test
    void noFlushClaimsWhatMayBeGone() {
        Schedules.explore(
                Link.class, RUNS, "write flush | turn turn answer lose", "write | turn turn answer flush lose turn");
    }

    @Test
    void anyScenarioEndsWell() {
        Schedules.exploreAny(Link.class, RUNS / 2, 5, 3);
    }
}
