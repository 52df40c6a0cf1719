package io.dmio.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Records of TLS by their types, cut anywhere. */
class NoRenegotiationTest {

    private static final int CIPHER = 20;
    private static final int ALERT = 21;
    private static final int HANDSHAKE = 22;
    private static final int DATA = 23;

    @Test
    void oneHandshakeAndDataPass() {
        assertThat(isTaken(HANDSHAKE, HANDSHAKE, CIPHER, HANDSHAKE, DATA, DATA, ALERT))
                .isTrue(); // TLS 1.2
        assertThat(isTaken(HANDSHAKE, CIPHER, DATA, DATA)).isTrue(); // TLS 1.3
        assertThat(isTaken(HANDSHAKE, CIPHER, HANDSHAKE, DATA, DATA)).isTrue(); // TLS 1.3, greeted twice
    }

    @Test
    void aHandshakeAfterDataOrAfterTheFirstCloses() {
        assertThat(isTaken(HANDSHAKE, HANDSHAKE, CIPHER, HANDSHAKE, DATA, HANDSHAKE))
                .isFalse();
        assertThat(isTaken(HANDSHAKE, HANDSHAKE, CIPHER, HANDSHAKE, HANDSHAKE)).isFalse();
    }

    private static boolean isTaken(int... types) {
        boolean whole = isTaken(records(types), Integer.MAX_VALUE);
        Random random = new Random(20_261_128);
        for (int i = 0; i < 20; i++) {
            assertThat(isTaken(records(types), 1 + random.nextInt(7))).isEqualTo(whole);
        }
        return whole;
    }

    private static boolean isTaken(ByteBuf records, int cut) {
        EmbeddedChannel channel = new EmbeddedChannel(new NoRenegotiation());
        try {
            while (channel.isOpen() && records.isReadable()) {
                channel.writeInbound(records.readRetainedSlice(Math.min(cut, records.readableBytes())));
            }
            return channel.isOpen();
        } finally {
            records.release();
            channel.finishAndReleaseAll();
        }
    }

    private static ByteBuf records(int... types) {
        ByteBuf records = Unpooled.buffer();
        for (int i = 0; i < types.length; i++) {
            records.writeByte(types[i]).writeShort(0x0303).writeShort(i * 100);
            for (int j = 0; j < i * 100; j++) {
                records.writeByte(HANDSHAKE); // looks like a head, and is none
            }
        }
        return records;
    }
}
