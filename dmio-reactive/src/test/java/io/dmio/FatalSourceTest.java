package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.testkit.ManualDevice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** A source that runs out of memory, which operators throw, ends what it feeds, whoever it was that asked it. */
class FatalSourceTest {

    private final ManualDevice manual = ManualDevice.of("manual", 64);
    private final DmIo io = DmIo.create().get(1);

    @AfterEach
    void theClientIsAsBefore() {
        assertThat(io.budget().inUse()).isZero();
        assertThat(io.close().toFuture()).isCompleted();
    }

    @Test
    void aStreamEndsWhoseSourceFailsWhenADeviceHasAnswered() {
        var stream =
                io.write(List.of(IoRegion.all(manual)), bufferThenNoMemory()).toFuture();
        manual.answerFrom(0);
        assertEndsWithoutMemory(stream);
    }

    @Test
    void aPipelineEndsWhoseSourceFailsWhenADeviceHasAnswered() {
        var requests = Flux.range(0, 3).map(i -> {
            noMemoryFor(i);
            return IoRequest.flush(List.of(IoRegion.all(manual)));
        });
        var results = io.run(requests).collectList().toFuture();
        manual.answerFrom(0);
        assertEndsWithoutMemory(results);
    }

    @Test
    void aStreamEndsWhoseSourceCannotEvenBeSubscribedTo() {
        var flush = io.flush(List.of(IoRegion.all(manual))).toFuture();
        var stream = io.write(List.of(IoRegion.all(manual)), Flux.defer(() -> {
                    throw new OutOfMemoryError("of the source");
                }))
                .toFuture();
        manual.answer(0);
        assertThat(flush).isCompletedWithValue(ErrorBits.NONE);
        assertEndsWithoutMemory(stream);
    }

    private static Flux<ByteBuf> bufferThenNoMemory() {
        return Flux.range(0, 3).map(i -> {
            noMemoryFor(i);
            return Unpooled.buffer(4096).writerIndex(4096);
        });
    }

    private static void noMemoryFor(int i) {
        if (i == 1) {
            throw new OutOfMemoryError("of the source");
        }
    }

    private static void assertEndsWithoutMemory(CompletableFuture<?> ended) {
        assertThat(ended)
                .isCompletedExceptionally()
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withCauseInstanceOf(OutOfMemoryError.class);
    }
}
