package io.dmio.nbd.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server that ended a connection is not waited for, unless something else may have ended it. */
class WhoEndedTest {

    private static final ClientTerms AGREEMENT =
            new ClientTerms(1 << 20, Wire.HAS_FLAGS, 1, 1 << 20, ReplyFormat.SIMPLE, -1, null);

    private final ClientConnection connection = new ClientConnection(AGREEMENT, 0);
    private final EmbeddedChannel channel = new EmbeddedChannel(connection);
    private final ByteBuf memory = Unpooled.buffer(4096, 4096).writeZero(4096);

    @AfterEach
    void release() {
        channel.finishAndReleaseAll();
    }

    /** Asks for a write, of which nothing is sent yet. */
    private void begin() {
        long nanos = System.nanoTime();
        ClientRequest write = ClientRequest.of(new BlockOp.Write(0, memory, false), nanos, (request, problem) -> {});
        connection.send(write, nanos);
        assertThat(connection.owesChanges()).isTrue();
    }

    /** As the transport does for a Unix-domain socket whose other end is closed: without a word. */
    private void closedByTransport() {
        channel.unsafe().close(channel.newPromise());
        channel.runPendingTasks();
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void whatWasNotSentWhenTheServerEndedIsNoFailureOnThisSide() {
        begin();
        closedByTransport();
        assertThat(connection.isClosedByServer()).isTrue();
    }

    @Test
    void aResetIsTheServers() {
        begin();
        channel.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
        channel.runPendingTasks();
        assertThat(connection.isClosedByServer()).isTrue();
    }

    @Test
    void aFailureOnTheWayIsNobodys() {
        begin();
        channel.pipeline().fireExceptionCaught(new IOException("No route to host"));
        channel.runPendingTasks();
        assertThat(connection.isClosedByServer()).isFalse();
    }

    @Test
    void whatIsHungUpHereIsNotTheServers() {
        begin();
        connection.hangUp();
        channel.runPendingTasks();
        assertThat(connection.isClosedByServer()).isFalse();
    }
}
