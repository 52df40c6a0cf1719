package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.Sectors;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.RequestHeader;
import io.dmio.testkit.Seed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/** Payloads that are received where they belong: whatever pieces they come in, every byte does get there. */
@ExtendWith(Seed.class)
class LargeWritesTest extends ServerFixture {

    private static final int WRITES = 8;
    private static final int ROOM = 1 << 20; // of each write, at most

    @RepeatedTest(20)
    void writesOfAnySizeArriveInPiecesOfAnySize(RepetitionInfo repetition) {
        SplittableRandom random = Seed.random("large writes " + repetition.getCurrentRepetition());
        byte[] model = disk.snapshot(0, (int) SECTORS);
        ByteBuf all = Unpooled.buffer();
        for (int i = 0; i < WRITES; i++) {
            byte[] data = new byte[Sectors.BYTES * (1 + random.nextInt(ROOM / Sectors.BYTES))];
            random.nextBytes(data);
            int offset = i * ROOM;
            new RequestHeader(0, Command.WRITE.code(), 7, offset, data.length).encode(all, false);
            all.writeBytes(data);
            System.arraycopy(data, 0, model, offset, data.length);
        }

        try (RawClient client = RawClient.inside(server, ReplyFormat.SIMPLE, "disk")) {
            while (all.isReadable()) {
                int piece = 1 + random.nextInt(random.nextBoolean() ? 300 : 300_000);
                client.send(out -> out.writeBytes(all, Math.min(piece, all.readableBytes())));
            }
            for (int i = 0; i < WRITES; i++) {
                assertThat(client.hex(16)).isEqualTo("67446698" + "00000000" + "0000000000000007");
            }
        }
        assertThat(Arrays.mismatch(disk.snapshot(0, (int) SECTORS), model)).isEqualTo(-1);
    }
}
