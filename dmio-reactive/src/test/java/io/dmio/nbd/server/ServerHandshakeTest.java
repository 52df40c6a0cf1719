package io.dmio.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.nbd.NbdExport;
import io.dmio.nbd.NbdServer;
import io.dmio.nbd.NbdTestServer;
import io.dmio.nbd.RawClient;
import io.dmio.nbd.ServerFixture;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.Wire;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every option, legal and illegal, byte by byte. */
class ServerHandshakeTest extends ServerFixture {

    private static final String FLAGS = "0d6d"; // everything but DF and what needs extended headers

    @Test
    void theSizeAndTheFlagsAreToldByName() {
        try (RawClient client = RawClient.greeted(server)) {
            client.option(Wire.OPT_EXPORT_NAME, data -> data.writeBytes(text("disk")));
            assertThat(client.hex(10)).isEqualTo("0000000002000000" + FLAGS);
            client.request(Command.READ, 0, 0, 512);
            assertThat(client.hex(16)).isEqualTo("67446698" + "00000000" + "0000000000000007");
            client.take(512);
        }
    }

    @Test
    void whoDoesNotSayNoZeroesGets124OfThem() {
        try (RawClient client = RawClient.silent(server)) {
            client.take(Wire.GREETING_BYTES);
            client.send(bytes -> bytes.writeInt(Wire.FIXED_NEWSTYLE));
            client.option(Wire.OPT_EXPORT_NAME, data -> data.writeBytes(text("disk")));
            assertThat(client.hex(134)).isEqualTo("0000000002000000" + FLAGS + "00".repeat(124));
        }
    }

    @Test
    void anUnknownNameOrUnknownFlagsOrAWrongMagicClose() {
        try (RawClient client = RawClient.greeted(server)) {
            client.option(Wire.OPT_EXPORT_NAME, data -> data.writeBytes(text("nobody")));
            assertThat(client.isClosed()).isTrue();
        }
        try (RawClient client = RawClient.silent(server)) {
            client.take(Wire.GREETING_BYTES);
            client.send(bytes -> bytes.writeInt(1 << 5));
            assertThat(client.isClosed()).isTrue();
        }
        try (RawClient client = RawClient.greeted(server)) {
            client.send(bytes -> bytes.writeLong(42).writeInt(Wire.OPT_LIST).writeInt(0));
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void goTellsTheSizeAndTheBlocksAndEnters() {
        try (RawClient client = RawClient.greeted(server)) {
            for (int option : new int[] {Wire.OPT_INFO, Wire.OPT_GO}) {
                client.option(option, data -> {
                    Wire.writeString(data, "disk");
                    data.writeShort(3)
                            .writeShort(Wire.INFO_NAME)
                            .writeShort(Wire.INFO_DESCRIPTION)
                            .writeShort(77);
                });
                assertThat(client.reply(option, Wire.REP_INFO)).isEqualTo("0000" + "0000000002000000" + FLAGS);
                assertThat(client.reply(option, Wire.REP_INFO)).isEqualTo("0001" + hex("disk"));
                assertThat(client.reply(option, Wire.REP_INFO)).isEqualTo("0002" + hex("in memory"));
                assertThat(client.reply(option, Wire.REP_INFO))
                        .isEqualTo("0003" + "00000200" + "00001000" + "02000000");
                assertThat(client.reply(option, Wire.REP_ACK)).isEmpty();
            }
            client.request(Command.FLUSH, 0, 0, 0);
            assertThat(client.hex(16)).isEqualTo("67446698" + "00000000" + "0000000000000007");
        }
    }

    @Test
    void lengthsThatDoNotFitAreRefusedAndTheClientGoesOn() {
        try (RawClient client = RawClient.greeted(server)) {
            client.option(Wire.OPT_GO, data -> data.writeInt(1000).writeShort(0));
            client.reply(Wire.OPT_GO, Wire.REP_ERR_INVALID);
            client.option(Wire.OPT_GO, data -> data.writeInt(-1).writeShort(0));
            client.reply(Wire.OPT_GO, Wire.REP_ERR_INVALID);
            client.option(Wire.OPT_INFO, data -> {
                Wire.writeString(data, "disk");
                data.writeShort(3).writeShort(1);
            });
            client.reply(Wire.OPT_INFO, Wire.REP_ERR_INVALID);
            client.option(Wire.OPT_INFO, data -> {
                Wire.writeString(data, "disk");
                data.writeShort(0).writeByte(0);
            });
            client.reply(Wire.OPT_INFO, Wire.REP_ERR_INVALID);
            client.option(Wire.OPT_INFO);
            client.reply(Wire.OPT_INFO, Wire.REP_ERR_INVALID);
            client.option(Wire.OPT_GO, data -> {
                Wire.writeString(data, "x".repeat(5000));
                data.writeShort(0);
            });
            client.reply(Wire.OPT_GO, Wire.REP_ERR_INVALID);
            client.option(Wire.OPT_GO, data -> {
                Wire.writeString(data, "nobody");
                data.writeShort(0);
            });
            client.reply(Wire.OPT_GO, Wire.REP_ERR_UNKNOWN);
            client.option(Wire.OPT_LIST, data -> data.writeByte(1));
            client.reply(Wire.OPT_LIST, Wire.REP_ERR_INVALID);
            isStillThere(client);
        }
    }

    @Test
    void unknownOptionsAreRefusedWhateverTheyCarry() {
        try (RawClient client = RawClient.greeted(server)) {
            for (int bytes : new int[] {0, 1, 4096, ServerHandshake.OPTION_BYTES_MAX}) {
                client.option(4711, data -> data.writeZero(bytes));
                client.reply(4711, Wire.REP_ERR_UNSUP);
            }
            for (int bytes : new int[] {ServerHandshake.OPTION_BYTES_MAX + 1, ServerHandshake.DRAIN_BYTES_MAX}) {
                client.option(4711, data -> data.writeZero(bytes));
                client.reply(4711, Wire.REP_ERR_TOO_BIG);
            }
            isStillThere(client);
            client.send(bytes ->
                    bytes.writeLong(Wire.OPTION_MAGIC).writeInt(4711).writeInt(ServerHandshake.DRAIN_BYTES_MAX + 1));
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void soManyOptionsAndNoMore() {
        try (RawClient client = RawClient.greeted(server)) {
            int max = ServerHandshake.OPTIONS_MAX + 2 * ServerHandshake.OPTIONS_MAX_EACH; // of two exports
            for (int i = 0; i < max; i++) {
                client.option(4711);
                client.reply(4711, Wire.REP_ERR_UNSUP);
            }
            client.option(4711);
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void exportsAreListed() {
        try (RawClient client = RawClient.greeted(server)) {
            client.option(Wire.OPT_LIST);
            assertThat(client.reply(Wire.OPT_LIST, Wire.REP_SERVER))
                    .isEqualTo("00000004" + hex("disk") + hex("in memory"));
            assertThat(client.reply(Wire.OPT_LIST, Wire.REP_SERVER)).isEqualTo("00000008" + hex("readonly"));
            assertThat(client.reply(Wire.OPT_LIST, Wire.REP_ACK)).isEmpty();
        }
    }

    @Test
    void aSingleExportWithoutANameIsServedUnderEveryName() {
        try (NbdTestServer single = NbdTestServer.of(builder().export(NbdExport.of(NbdExport.DEFAULT_NAME, disk)))) {
            for (String name : List.of("", "disk", "x/y", "\u4f60")) {
                try (RawClient client = RawClient.inside(single.server(), ReplyFormat.STRUCTURED, name)) {
                    isThere(client);
                }
            }
        }
        try (NbdTestServer named = NbdTestServer.of(builder().export(NbdExport.of("disk", disk)));
                RawClient client = RawClient.greeted(named.server())) {
            client.option(Wire.OPT_INFO, data -> {
                Wire.writeString(data, "other");
                data.writeShort(0);
            });
            client.reply(Wire.OPT_INFO, Wire.REP_ERR_UNKNOWN);
        }
    }

    private static void isThere(RawClient client) {
        client.request(Command.FLUSH, 0, 0, 0);
        assertThat(client.hex(4)).isEqualTo("668e33ef");
    }

    @Test
    void abortIsAcknowledgedAndCloses() {
        try (RawClient client = RawClient.greeted(server)) {
            client.option(Wire.OPT_ABORT, data -> data.writeByte(9));
            client.reply(Wire.OPT_ABORT, Wire.REP_ACK);
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void tlsIsRefusedWithoutACertificate() {
        try (RawClient client = RawClient.greeted(server)) {
            client.option(Wire.OPT_STARTTLS);
            client.reply(Wire.OPT_STARTTLS, Wire.REP_ERR_POLICY);
            client.option(Wire.OPT_STARTTLS, data -> data.writeByte(1));
            client.reply(Wire.OPT_STARTTLS, Wire.REP_ERR_INVALID);
        }
    }

    @Test
    void contextsNeedChunksAndAreChosenByTheirFullNames() {
        try (RawClient client = RawClient.greeted(server)) {
            client.option(Wire.OPT_SET_META_CONTEXT, data -> contexts(data, "disk", "base:allocation"));
            client.reply(Wire.OPT_SET_META_CONTEXT, Wire.REP_ERR_INVALID);
            client.option(Wire.OPT_STRUCTURED_REPLY, data -> data.writeByte(0));
            client.reply(Wire.OPT_STRUCTURED_REPLY, Wire.REP_ERR_INVALID);
            client.option(Wire.OPT_STRUCTURED_REPLY);
            client.reply(Wire.OPT_STRUCTURED_REPLY, Wire.REP_ACK);
            for (String query : new String[] {"", "base:", "base:allocation"}) {
                client.option(Wire.OPT_LIST_META_CONTEXT, data -> {
                    if (query.isEmpty()) {
                        contexts(data, "disk");
                    } else {
                        contexts(data, "disk", query, "other:thing");
                    }
                });
                assertThat(client.reply(Wire.OPT_LIST_META_CONTEXT, Wire.REP_META_CONTEXT))
                        .isEqualTo("00000000" + hex("base:allocation"));
                client.reply(Wire.OPT_LIST_META_CONTEXT, Wire.REP_ACK);
            }
            client.option(Wire.OPT_SET_META_CONTEXT, data -> contexts(data, "disk", "base:", "base:allocation"));
            assertThat(client.reply(Wire.OPT_SET_META_CONTEXT, Wire.REP_META_CONTEXT))
                    .isEqualTo("00000001" + hex("base:allocation"));
            client.reply(Wire.OPT_SET_META_CONTEXT, Wire.REP_ACK);
            client.option(Wire.OPT_SET_META_CONTEXT, data -> contexts(data, "disk", "base:"));
            client.reply(Wire.OPT_SET_META_CONTEXT, Wire.REP_ACK);
            client.option(Wire.OPT_SET_META_CONTEXT, data -> contexts(data, "nobody", "base:allocation"));
            client.reply(Wire.OPT_SET_META_CONTEXT, Wire.REP_ERR_UNKNOWN);
            client.option(Wire.OPT_SET_META_CONTEXT, data -> {
                Wire.writeString(data, "disk");
                data.writeInt(1_000_000);
            });
            client.reply(Wire.OPT_SET_META_CONTEXT, Wire.REP_ERR_INVALID);
        }
    }

    @Test
    void extendedHeadersAreLeftByGoOnly() {
        try (RawClient client = RawClient.greeted(server)) {
            client.option(Wire.OPT_EXTENDED_HEADERS);
            client.reply(Wire.OPT_EXTENDED_HEADERS, Wire.REP_ACK);
            client.option(Wire.OPT_STRUCTURED_REPLY);
            client.reply(Wire.OPT_STRUCTURED_REPLY, Wire.REP_ERR_EXT_HEADER_REQD);
            client.option(Wire.OPT_EXPORT_NAME, data -> data.writeBytes(text("disk")));
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void whoTakesTooLongIsShownTheDoor() {
        try (NbdTestServer slow = NbdTestServer.of(NbdServer.builder()
                        .export(NbdExport.of("disk", MemoryDevice.of("disk", 64)))
                        .handshakeTimeout(Duration.ofMillis(50)));
                RawClient client = RawClient.greeted(slow.server())) {
            assertThat(client.isClosed()).isTrue();
        }
    }

    private static void isStillThere(RawClient client) {
        client.option(Wire.OPT_INFO, data -> {
            Wire.writeString(data, "disk");
            data.writeShort(0);
        });
        client.reply(Wire.OPT_INFO, Wire.REP_INFO);
        client.reply(Wire.OPT_INFO, Wire.REP_INFO);
        client.reply(Wire.OPT_INFO, Wire.REP_ACK);
    }

    private static void contexts(ByteBuf data, String export, String... queries) {
        Wire.writeString(data, export);
        data.writeInt(queries.length);
        for (String query : queries) {
            Wire.writeString(data, query);
        }
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text(text));
    }
}
