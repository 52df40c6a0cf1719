package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A mirror that is closed while something is under way that no user's operation stands for. */
class MirrorCloseTest extends MirrorFixture {

    @Test
    void aRemovalOfALegThatHangsIsAnsweredThoughTheMirrorIsClosedMeanwhile() {
        MirrorDevice mirror = create(2);
        legs.get(1).stall();
        CompletableFuture<Void> write = start(mirror, writeOf(0, 8, 2));
        pass(Duration.ofSeconds(6));
        assertThat(write).isCompleted(); // without it
        CompletableFuture<Void> removal = mirror.remove(1).toFuture();
        pass(Duration.ofMillis(100));
        assertThat(removal).isNotDone();
        get(mirror.close());
        pass(Duration.ofSeconds(6));
        assertThat(removal).isCompleted();
        legs.get(1).release();
    }

    @Test
    void aMirrorThatIsPausedOrSlowedWhileItClosesIsClosed() {
        MirrorDevice mirror = create(2);
        legs.get(1).plan(Fault.errno(Errno.EIO));
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            write(mirror, (long) chunk * CHUNK, 8, chunk);
        }
        legs.get(1).plan(FaultPlan.none());
        mirror.pause();
        CompletableFuture<Void> resync = mirror.resync().toFuture();
        pass(Duration.ofSeconds(10));
        get(mirror.submit(new BlockOp.Read(0, Unpooled.buffer(512)))); // somebody uses it: the pace is the lowest
        CompletableFuture<Void> close = mirror.close().toFuture();
        mirror.pause();
        mirror.limit(1);
        pass(Duration.ofMinutes(1));
        assertThat(resync).isCompletedExceptionally();
        assertThat(close).isCompleted();
    }
}
