package io.dmio.nbd.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An answer that takes longer than any deadline, and comes all the time. */
class SlowLinesTest {

    private static final Duration REPLY = Duration.ofSeconds(15);
    private static final ClientTerms AGREEMENT =
            new ClientTerms(1 << 20, Wire.HAS_FLAGS, 1, 1 << 20, ReplyFormat.SIMPLE, -1, null);

    private final ClientConnection connection = new ClientConnection(AGREEMENT, 0);
    private final EmbeddedChannel channel = new EmbeddedChannel(connection);
    private final List<String> ended = new ArrayList<>();
    private final ByteBuf memory = Unpooled.buffer(4096, 4096);

    private long asked() {
        long nanos = System.nanoTime();
        ClientRequest read =
                ClientRequest.of(new BlockOp.Read(0, memory), nanos, (request, problem) -> ended.add("" + problem));
        connection.send(read, nanos);
        channel.runPendingTasks();
        channel.writeInbound(
                Unpooled.buffer().writeInt(Wire.SIMPLE_REPLY_MAGIC).writeInt(0).writeLong(read.cookie));
        return nanos;
    }

    private boolean isOpenAt(long nanos) {
        assertThat(connection.look(nanos, REPLY, (request, moved) -> false)).isEmpty();
        channel.runPendingTasks();
        return channel.isOpen();
    }

    @Test
    void anAnswerThatComesAllTheTimeIsWaitedFor() {
        long nanos = asked();
        for (int i = 0; i < 40; i++) {
            nanos += Duration.ofSeconds(10).toNanos();
            channel.writeInbound(Unpooled.buffer().writeZero(100));
            assertThat(isOpenAt(nanos)).isTrue();
        }
        assertThat(isOpenAt(nanos + REPLY.toNanos())).isTrue();
        assertThat(isOpenAt(nanos + REPLY.toNanos() + 1)).isFalse(); // nothing came any more
        channel.finishAndReleaseAll();
    }

    @Test
    void anOperationHasItsTimeFromTheLastMovementOnAndNoMoreThanTenOfThem() {
        Duration time = Duration.ofSeconds(30);
        long second = Duration.ofSeconds(1).toNanos();
        assertThat(Movement.isLate(0, 0, 30 * second, time)).isFalse();
        assertThat(Movement.isLate(0, 0, 31 * second, time)).isTrue();
        assertThat(Movement.isLate(0, -5 * second, 30 * second, time)).isFalse(); // it began after that
        assertThat(Movement.isLate(0, 100 * second, 130 * second, time)).isFalse();
        assertThat(Movement.isLate(0, 100 * second, 131 * second, time)).isTrue();
        assertThat(Movement.isLate(0, 311 * second, 311 * second, time)).isTrue();
    }
}
