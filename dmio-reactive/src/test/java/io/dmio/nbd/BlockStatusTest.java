package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.RequestHeader;
import io.dmio.nbd.wire.Wire;
import io.dmio.nbd.wire.WireError;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** The status of ranges, byte by byte: in all contexts that were agreed, or in those that a request names. */
class BlockStatusTest {

    private static final String COOKIE = "0000000000000007";
    private static final String MINE = "test:halves"; // 1 for the first half of the disk, 2 for the other
    private static final long SECTORS = 65_536;
    private static final long BYTES = 32 << 20;

    private final MemoryDevice disk = MemoryDevice.of("disk", SECTORS);
    private final NbdTestServer running = NbdTestServer.of(
            NbdServer.builder().export(NbdExport.of("disk", disk).withStatus(MINE, BlockStatusTest::halves)));

    @AfterEach
    void stopServer() {
        running.close();
        disk.close().block(NbdTestServer.PATIENCE);
    }

    private static Mono<List<BlockStatus.Run>> halves(long sector, long count) {
        long first = Math.max(0, Math.min(SECTORS / 2 - sector, count));
        BlockStatus.Run rest = new BlockStatus.Run(Math.max(count - first, 1), 2);
        return Mono.just(first == 0 ? List.of(rest) : List.of(new BlockStatus.Run(first, 1), rest));
    }

    @Test
    void theStatusOfARangeIsCutToIt() {
        disk.load(128, new byte[65_536]); // 64 KiB to 128 KiB have memory
        try (RawClient client = inside(Wire.OPT_STRUCTURED_REPLY, Wire.BASE_ALLOCATION)) {
            String head = "668e33ef" + "0001" + "0005" + COOKIE;
            client.request(Command.BLOCK_STATUS, 0, 65_000, 70_000);
            assertThat(client.hex(20 + 28))
                    .isEqualTo(head + hex(28) + hex(1) + hex(536) + hex(3) + hex(65_536) + hex(0) + hex(3928) + hex(3));
            client.request(Command.BLOCK_STATUS, Wire.CMD_REQ_ONE, 65_000, 70_000);
            assertThat(client.hex(20 + 12)).isEqualTo(head + hex(12) + hex(1) + hex(536) + hex(3));
            client.request(Command.BLOCK_STATUS, 0, 0, 0);
            assertThat(client.hex(8)).isEqualTo("668e33ef" + "0001" + "8001");
        }
    }

    @Test
    void aRequestThatNamesContextsIsToldOfThoseOnlyInItsOrder() {
        try (RawClient client = inside(Wire.OPT_EXTENDED_HEADERS, Wire.BASE_ALLOCATION, MINE)) {
            status(client, BYTES / 2 - 512, 1024, 2);
            assertThat(client.hex(32 + 8 + 32))
                    .isEqualTo(
                            head("0001", "0006", BYTES / 2 - 512, 40) + hex(2) + hex(2) + wide(512, 1) + wide(512, 2));
            status(client, 0, 512, 2, 1);
            assertThat(client.hex(32 + 8 + 16)).isEqualTo(head("0000", "0006", 0, 24) + hex(2) + hex(1) + wide(512, 1));
            assertThat(client.hex(32 + 8 + 16)).isEqualTo(head("0001", "0006", 0, 24) + hex(1) + hex(1) + wide(512, 3));
            status(client, 0, BYTES, 1); // the largest range there is
            assertThat(client.hex(32 + 8 + 16))
                    .isEqualTo(head("0001", "0006", 0, 24) + hex(1) + hex(1) + wide(BYTES, 3));
        }
    }

    @Test
    void aChoiceOfContextsThatIsNoneIsRefusedAndTheConnectionLivesOn() {
        try (RawClient client =
                inside(Wire.OPT_EXTENDED_HEADERS, MINE)) { // base:allocation has id 1, and is not agreed
            status(client, 0, 512, 1);
            refused(client, "context 1 was not agreed");
            status(client, 0, 512, 3);
            refused(client, "context 3 was not agreed");
            status(client, 0, 512, -1);
            refused(client, "context 4294967295 was not agreed");
            status(client, 0, 0, 2);
            refused(client, "0 bytes from 0 on");
            status(client, 512, BYTES, 2);
            refused(client, BYTES + " bytes from 512 on");
            status(client, 0, Long.MIN_VALUE, 2);
            refused(client, Long.MIN_VALUE + " bytes from 0 on");
            for (int length : new int[] {0, 4, 8, 11, 13, 16, 65_536}) { // 12 is what one context takes
                payload(client, length, bytes -> bytes.writeZero(length));
                refused(client, "a choice of contexts is 8 bytes");
            }
            status(client, 0, 512, 2);
            client.hex(32 + 8 + 16);
        }
        try (RawClient client = inside(Wire.OPT_EXTENDED_HEADERS, Wire.BASE_ALLOCATION, MINE)) {
            status(client, 0, 512, 2, 2);
            refused(client, "context 2 was not agreed, or comes twice");
        }
        try (RawClient client = inside(Wire.OPT_STRUCTURED_REPLY, MINE)) { // has no room for one
            client.request(Command.BLOCK_STATUS, Wire.CMD_PAYLOAD_LEN, 0, 12);
            assertThat(client.hex(8)).isEqualTo("668e33ef" + "0001" + "8001");
        }
    }

    @Test
    void aChoiceIsOfferedWithExtendedHeadersOnly() {
        NbdExport export = NbdExport.of("disk", disk);
        for (ReplyFormat replies : ReplyFormat.values()) {
            boolean offered = (export.served().transmissionFlags(replies) & Wire.BLOCK_STATUS_PAYLOAD) != 0;
            assertThat(offered).isEqualTo(replies == ReplyFormat.EXTENDED);
        }
    }

    private RawClient inside(int form, String... contexts) {
        RawClient client = RawClient.greeted(running.server());
        client.option(form);
        client.reply(form, Wire.REP_ACK);
        client.option(Wire.OPT_SET_META_CONTEXT, data -> {
            Wire.writeString(data, "disk");
            data.writeInt(contexts.length);
            List.of(contexts).forEach(context -> Wire.writeString(data, context));
        });
        for (String context : contexts) {
            String reply = client.reply(Wire.OPT_SET_META_CONTEXT, Wire.REP_META_CONTEXT);
            assertThat(reply).startsWith(context.equals(MINE) ? hex(2) : hex(1));
        }
        client.reply(Wire.OPT_SET_META_CONTEXT, Wire.REP_ACK);
        return client.go("disk");
    }

    /** Asks for the status of a range in some contexts. */
    private static void status(RawClient client, long offset, long bytes, int... contexts) {
        client.send(out -> {
            int length = Long.BYTES + contexts.length * Integer.BYTES;
            new RequestHeader(Wire.CMD_PAYLOAD_LEN, Command.BLOCK_STATUS.code(), 7, offset, length).encode(out, true);
            out.writeLong(bytes);
            for (int context : contexts) {
                out.writeInt(context);
            }
        });
    }

    private static void payload(RawClient client, int length, Consumer<ByteBuf> payload) {
        client.send(out -> {
            new RequestHeader(Wire.CMD_PAYLOAD_LEN, Command.BLOCK_STATUS.code(), 7, 0, length).encode(out, true);
            payload.accept(out);
        });
    }

    private static void refused(RawClient client, String why) {
        assertThat(client.hex(16)).isEqualTo("6e8a278c" + "0001" + "8001" + COOKIE);
        client.take(8);
        int length = Integer.parseInt(client.hex(8), 16);
        assertThat(client.hex(4)).isEqualTo(hex(WireError.EINVAL.number()));
        assertThat(new String(client.take(length - 4), StandardCharsets.UTF_8)).contains(why);
    }

    private static String head(String flags, String type, long offset, long length) {
        return "6e8a278c" + flags + type + COOKIE + hex(offset) + hex(length);
    }

    private static String wide(long bytes, long status) {
        return hex(bytes) + hex(status);
    }

    private static String hex(int number) {
        return HexFormat.of().toHexDigits(number);
    }

    private static String hex(long number) {
        return HexFormat.of().toHexDigits(number);
    }
}
