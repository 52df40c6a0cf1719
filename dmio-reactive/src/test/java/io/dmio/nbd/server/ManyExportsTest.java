package io.dmio.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.nbd.NbdExport;
import io.dmio.nbd.NbdServer;
import io.dmio.nbd.NbdTestServer;
import io.dmio.nbd.RawClient;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ManyExportsTest {

    private static final int COUNT = 1000;

    private final MemoryDevice disk = MemoryDevice.of("disk", 64);

    @AfterEach
    void close() {
        disk.close().block(NbdTestServer.PATIENCE);
    }

    private NbdServer.Builder thousand() {
        NbdServer.Builder builder = NbdServer.builder();
        for (int i = 0; i < COUNT; i++) {
            builder.export(NbdExport.of("export" + i, disk));
        }
        return builder;
    }

    @Test
    void aPoliteClientMayAskForEachOfAThousandExports() {
        try (NbdTestServer server = NbdTestServer.of(thousand());
                RawClient client = RawClient.greeted(server.server())) {
            client.option(Wire.OPT_STRUCTURED_REPLY);
            client.reply(Wire.OPT_STRUCTURED_REPLY, Wire.REP_ACK);
            client.option(Wire.OPT_LIST);
            for (int i = 0; i < COUNT; i++) {
                client.reply(Wire.OPT_LIST, Wire.REP_SERVER);
            }
            client.reply(Wire.OPT_LIST, Wire.REP_ACK);
            for (int i = 0; i < COUNT; i++) { // as nbdinfo --list does
                String name = "export" + i;
                for (int option : new int[] {Wire.OPT_LIST_META_CONTEXT, Wire.OPT_SET_META_CONTEXT}) {
                    client.option(option, data -> {
                        Wire.writeString(data, name);
                        data.writeInt(0);
                    });
                    if (option == Wire.OPT_LIST_META_CONTEXT) {
                        client.reply(option, Wire.REP_META_CONTEXT);
                    }
                    client.reply(option, Wire.REP_ACK);
                }
                client.option(Wire.OPT_INFO, data -> {
                    Wire.writeString(data, name);
                    data.writeShort(0);
                });
                client.reply(Wire.OPT_INFO, Wire.REP_INFO);
                client.reply(Wire.OPT_INFO, Wire.REP_INFO);
                client.reply(Wire.OPT_INFO, Wire.REP_ACK);
            }
        }
    }

    @Test
    void listsThatNobodyTookYetAreAllSentOnceHeDoes() {
        int lists = 40; // 1.2 MB of answers
        try (NbdTestServer server = NbdTestServer.of(thousand());
                RawClient client = RawClient.greeted(server.server())) {
            for (int i = 0; i < lists; i++) {
                client.option(Wire.OPT_LIST);
            }
            for (int i = 0; i < lists; i++) {
                for (int j = 0; j < COUNT; j++) {
                    client.reply(Wire.OPT_LIST, Wire.REP_SERVER);
                }
                client.reply(Wire.OPT_LIST, Wire.REP_ACK);
            }
        }
    }

    @Test
    void peersThatSayNothingTakeNoPlacesFromOthers() {
        List<RawClient> silent = new ArrayList<>();
        try (NbdTestServer server = NbdTestServer.of(NbdServer.builder()
                .connectionsMax(64)
                .handshakeTimeout(Duration.ofHours(1))
                .export(NbdExport.of("disk", disk)))) {
            for (int i = 0; i < 64; i++) {
                silent.add(RawClient.silent(server.server()));
            }
            RawClient.inside(server.server(), ReplyFormat.SIMPLE, "disk").close();
        } finally {
            silent.forEach(RawClient::close);
        }
    }

    @Test
    void peersThatSayNothingLoseTheirTurnOnceOthersWaitForIt() {
        List<RawClient> silent = new ArrayList<>();
        try (NbdTestServer server = NbdTestServer.of(
                NbdServer.builder().handshakeTimeout(Duration.ofSeconds(10)).export(NbdExport.of("disk", disk)))) {
            for (int i = 0; i < Acceptor.HANDSHAKES_MAX + 4; i++) {
                silent.add(RawClient.silent(server.server()));
            }
            try (RawClient client = RawClient.silent(server.server())) {
                client.hex(Wire.GREETING_BYTES); // within 20 s, the patience of this client
                assertThat(server.server().connectionCount()).isLessThanOrEqualTo(Acceptor.HANDSHAKES_MAX);
            }
        } finally {
            silent.forEach(RawClient::close);
        }
    }
}
