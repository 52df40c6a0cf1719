package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.harness.DropsErrors;
import io.dmio.testkit.ManualDevice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;

/** Sources that throw where they must not: nothing is lost by it, and nobody waits for ever. */
class ThrowingSourceTest {

    private final ManualDevice manual = ManualDevice.of("manual", 1 << 20);
    private final DmIo io = DmIo.create().get(64);
    private final List<ByteBuf> given = new ArrayList<>();

    @AfterEach
    void everyBufferIsReleased() {
        assertThat(io.budget().inUse()).isZero();
        assertThat(given).hasSize(1).allMatch(buffer -> buffer.refCnt() == 0);
    }

    @DropsErrors("a cancel must not throw")
    @Test
    void aCancelThatThrowsLosesNothing() {
        List<Throwable> dropped = new ArrayList<>();
        Hooks.onErrorDropped(dropped::add);
        try {
            io.write(List.of(IoRegion.all(manual)), throwing(false)).subscribe().dispose();
        } finally {
            Hooks.resetOnErrorDropped();
        }
        assertThat(dropped)
                .singleElement()
                .satisfies(thrown -> assertThat(thrown).hasMessage("at the cancel"));
    }

    @Test
    void aRequestThatThrowsEndsTheStream() {
        List<Throwable> thrown = new ArrayList<>();
        io.write(List.of(IoRegion.all(manual)), throwing(true)).subscribe(bits -> {}, thrown::add);
        manual.answerFrom(0);

        assertThat(thrown)
                .singleElement()
                .satisfies(failure -> assertThat(failure).hasMessage("at the second request"));
        assertThat(manual.ops()).as("what came before").hasSize(1);
    }

    /** Gives one buffer, and throws when it is asked for the second, or when it is cancelled. */
    private Flux<ByteBuf> throwing(boolean whenAsked) {
        return Flux.from(subscriber -> subscriber.onSubscribe(new Subscription() {
            @Override
            public void request(long n) {
                if (given.isEmpty()) {
                    ByteBuf buffer = Unpooled.buffer(4096).writerIndex(4096);
                    given.add(buffer);
                    subscriber.onNext(buffer);
                } else if (whenAsked) {
                    throw new IllegalStateException("at the second request");
                }
            }

            @Override
            public void cancel() {
                if (!whenAsked) {
                    throw new IllegalStateException("at the cancel");
                }
            }
        }));
    }
}
