package io.dmio.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.nbd.NbdExport;
import io.dmio.nbd.NbdServer;
import io.dmio.nbd.NbdTestServer;
import io.dmio.nbd.RawClient;
import io.dmio.nbd.ServerFixture;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.RequestHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Clients that are not as the protocol wants them, and what they need not know. */
class ClientsAsTheyAreTest extends ServerFixture {

    private static final String COOKIE = "0000000000000007";

    @Test
    void whatADeviceSaysOfItselfIsNotTold() {
        FaultyDevice broken = FaultyDevice.of(
                MemoryDevice.of("/srv/secret/disk.img", 64),
                Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE));
        try (NbdTestServer served = NbdTestServer.of(NbdServer.builder().export(NbdExport.of("disk", broken)));
                RawClient client = RawClient.inside(served.server(), ReplyFormat.STRUCTURED, "disk")) {
            client.request(Command.WRITE, 0, 0, 512).send(bytes -> bytes.writeZero(512));
            client.take(16);
            ByteBuf error = Unpooled.wrappedBuffer(client.take(4));
            String told = new String(client.take(error.readInt()), StandardCharsets.UTF_8);
            assertThat(told).contains("'disk'").contains("EIO").doesNotContain("secret");
        }
        broken.close().block();
    }

    @Test
    void aWriteHasItsPayloadAlsoIfItDoesNotSaySo() {
        try (RawClient client = RawClient.inside(server, ReplyFormat.EXTENDED, "disk")) {
            client.send(bytes -> {
                new RequestHeader(0, Command.WRITE.code(), 7, 512, 512).encode(bytes, true);
                bytes.writeBytes(pattern());
            });
            assertThat(client.hex(32))
                    .isEqualTo("6e8a278c" + "0001" + "0000" + COOKIE + "0000000000000200" + "0000000000000000");
        }
        assertThat(disk.snapshot(1, 1)).isEqualTo(pattern());
    }

    private static byte[] pattern() {
        byte[] bytes = new byte[512];
        new Random(22).nextBytes(bytes);
        return bytes;
    }
}
