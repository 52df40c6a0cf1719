package io.dmio.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** When it is looked whether a peer is gone, by the channel's own clock. */
class DeadPeersTest {

    private final AtomicInteger looks = new AtomicInteger();
    private boolean gone;
    private final EmbeddedChannel channel = new EmbeddedChannel(new DeadPeers(this::isGone, DeadPeersTest::byItsClock));

    private boolean isGone(Channel socket) {
        looks.incrementAndGet();
        return gone;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the looks are counted
    private static void byItsClock(EventExecutor loop, Runnable look) {
        loop.schedule(look, DeadPeers.LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    DeadPeersTest() {
        channel.freezeTime();
        channel.config().setAutoRead(false);
        channel.advanceTimeBy(10, TimeUnit.SECONDS); // what was asked for before
        channel.runScheduledPendingTasks();
        channel.writeInbound(Unpooled.EMPTY_BUFFER);
        looks.set(0);
    }

    private void passes() {
        channel.advanceTimeBy(DeadPeers.LOOK_MILLIS, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
    }

    @Test
    void whoWaitsForAPeerThatIsGoneIsClosed() {
        channel.read();
        gone = true;
        passes();
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void whoWaitsForAnybodyElseLooksOnceAndNoMore() {
        channel.read();
        for (int i = 0; i < 10; i++) {
            passes();
        }
        assertThat(looks).hasValue(1);
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void whoGetsBytesIsNotLookedAt() {
        for (int i = 0; i < 10; i++) {
            channel.read();
            channel.writeInbound(Unpooled.EMPTY_BUFFER);
            channel.read();
            passes();
        }
        assertThat(looks).hasValue(0);
        passes(); // the last read waits
        assertThat(looks).hasValue(1);
    }

    @Test
    void whoDoesNotReadIsNotLookedAt() {
        gone = true;
        passes();
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void itsLooksAreNoTimersOfTheLoop() {
        EmbeddedChannel other = new EmbeddedChannel(DeadPeers.of(this::isGone));
        other.config().setAutoRead(false);
        other.read();
        assertThat(other.runScheduledPendingTasks()).as("until the next timer").isEqualTo(-1);
        other.finishAndReleaseAll();
    }
}
