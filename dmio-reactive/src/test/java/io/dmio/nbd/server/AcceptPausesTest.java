package io.dmio.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A listening channel that cannot accept, by its own clock. */
class AcceptPausesTest {

    private final List<Boolean> told = new ArrayList<>();
    private final AcceptPauses pauses = new AcceptPauses(() -> told.add(accepts()));
    private final EmbeddedChannel channel = new EmbeddedChannel(pauses);

    AcceptPausesTest() {
        channel.freezeTime();
    }

    private boolean accepts() {
        return !pauses.isPaused();
    }

    private void fails() {
        channel.pipeline().fireExceptionCaught(new IOException("Too many open files"));
    }

    private void passes(long millis) {
        channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
    }

    @Test
    void aFailureThatPersistsMakesThePausesLongerAndTellsNobodyElse() {
        long pause = AcceptPauses.PAUSE_MILLIS;
        for (int i = 0; i < 20; i++) {
            for (int j = 0; j < 1000; j++) {
                fails();
            }
            assertThat(accepts()).isFalse();
            passes(pause - 1);
            assertThat(accepts()).isFalse();
            passes(1);
            assertThat(accepts()).isTrue();
            pause = Math.min(2 * pause, AcceptPauses.PAUSE_MILLIS_MAX);
        }
        assertThat(told).hasSize(40);
        channel.checkException(); // none went on to where Netty logs it
    }

    @Test
    void whoAcceptedOneStartsWithTheShortestPauseAgain() {
        for (int i = 0; i < 5; i++) {
            fails();
            passes(AcceptPauses.PAUSE_MILLIS_MAX);
        }
        channel.writeInbound("a client");
        fails();
        passes(AcceptPauses.PAUSE_MILLIS);
        assertThat(accepts()).isTrue();
    }
}
