package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.Sectors;
import io.dmio.harness.AnyMemoryTraffic;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.RequestHeader;
import io.dmio.testkit.Patterns;
import io.dmio.testkit.Seed;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory on its way over the wire: every byte where it belongs, none beside it, whatever lengths and buffers there are. */
@ExtendWith(Seed.class)
class NbdMemoryTest extends ServerFixture {

    private static final int MEBI = 1 << 20;

    @ParameterizedTest
    @ValueSource(
            ints = {
                4 * MEBI - 512,
                4 * MEBI,
                4 * MEBI + 512,
                4 * MEBI + 4096,
                5 * MEBI + 512,
                9 * MEBI,
                17 * MEBI + 4096
            })
    void longRequestsChangeAndAnswerExactlyWhatTheyAskFor(int bytes) {
        byte[] before = Patterns.bytes(0, (int) SECTORS, 1);
        disk.load(0, before);
        byte[] written = Patterns.bytes(0, bytes / Sectors.BYTES, 2);
        int offset = 3 * Sectors.BYTES;
        try (RawClient client = RawClient.inside(server, ReplyFormat.SIMPLE, "disk")) {
            client.send(out -> {
                new RequestHeader(0, Command.WRITE.code(), 7, offset, bytes).encode(out, false);
                out.writeBytes(written);
            });
            assertThat(client.hex(16)).isEqualTo("67446698" + "00000000" + "0000000000000007");
            System.arraycopy(written, 0, before, offset, bytes);
            assertThat(Arrays.mismatch(disk.snapshot(0, (int) SECTORS), before)).isEqualTo(-1);

            client.send(out -> new RequestHeader(0, Command.READ.code(), 8, offset, bytes).encode(out, false));
            assertThat(client.hex(16)).isEqualTo("67446698" + "00000000" + "0000000000000008");
            assertThat(Arrays.mismatch(client.take(bytes), written)).isEqualTo(-1);
            client.send(out -> new RequestHeader(0, Command.FLUSH.code(), 9, 0, 0).encode(out, false));
            assertThat(client.hex(16)).isEqualTo("67446698" + "00000000" + "0000000000000009");
        }
    }

    @Test
    void requestsAtATimeReadAndWriteAnyMemory(SplittableRandom random) {
        BlockDevice far = NbdDevice.open(server.uri("disk"), NbdOptions.DEFAULT)
                .blockOptional(NbdTestServer.PATIENCE)
                .orElseThrow();
        try {
            AnyMemoryTraffic.Seen seen = new AnyMemoryTraffic.Seen() {
                @Override
                public BlockDevice device() {
                    return far;
                }

                @Override
                public byte[] stored() {
                    return disk.snapshot(0, (int) AnyMemoryTraffic.SECTORS);
                }
            };
            new AnyMemoryTraffic(seen, random).run(20);
        } finally {
            far.close().block(NbdTestServer.PATIENCE);
        }
    }
}
