package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.RequestHeader;
import io.dmio.nbd.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Clients that vanish, flood, or do not read: others notice nothing, and nothing is left behind. */
class HostileClientsTest extends ServerFixture {

    private static final String GOOD = "67446698" + "00000000" + "0000000000000007";

    @Test
    void aThousandConnectionsDroppedAtRandomBytesLeaveNothingBehind() throws IOException {
        Random random = new Random(20_261_123);
        byte[] script = script();
        for (int i = 0; i < 1000; i++) {
            try (RawClient client = RawClient.silent(server)) {
                int bytes = random.nextInt(script.length + 1);
                client.send(out -> out.writeBytes(script, 0, bytes));
                client.socket().setSoLinger(random.nextBoolean(), 0); // a reset, or a farewell
            }
        }
        try (RawClient client = RawClient.inside(server, ReplyFormat.SIMPLE, "disk")) {
            client.request(Command.FLUSH, 0, 0, 0);
            assertThat(client.hex(16)).isEqualTo(GOOD);
        }
        awaitNobody();
    }

    @Test
    void halfAWriteThatIsResetLeavesItsPlaceToOthers() {
        Random random = new Random(20_261_128);
        for (int i = 0; i < 4 * 64; i++) { // of 64 places
            try (RawClient client = RawClient.inside(server, ReplyFormat.SIMPLE, "disk")) {
                client.request(Command.WRITE, 0, 0, 64 << 10).send(half -> half.writeZero(1 + random.nextInt(40_000)));
                client.socket().setSoLinger(random.nextInt(8) > 0, 0); // a reset, or a farewell
            } catch (SocketException failure) {
                throw new UncheckedIOException(failure);
            }
        }
        try (RawClient client = RawClient.inside(server, ReplyFormat.SIMPLE, "disk")) {
            reads(client, 1);
        }
        awaitNobody();
    }

    @Test
    void noMoreAreLetInThanThereArePlacesHoweverManyComeAtOnce() {
        List<RawClient> all = new ArrayList<>();
        try (NbdTestServer narrow =
                NbdTestServer.of(builder().export(NbdExport.of("disk", disk)).connectionsMax(1))) {
            for (int i = 0; i < 100; i++) {
                all.add(RawClient.greeted(narrow.server()).ask("disk"));
            }
            int letIn = 0;
            while (!all.isEmpty()) {
                RawClient first = firstLetIn(all);
                first.enter();
                all.remove(first);
                assertThat(all).noneMatch(RawClient::hasBytes);
                first.close();
                letIn++;
            }
            assertThat(letIn).isEqualTo(100);
        } finally {
            all.forEach(RawClient::close);
        }
    }

    @Test
    void whoWaitsToBeLetInAndGoesKeepsNoPlace() {
        try (NbdTestServer narrow =
                NbdTestServer.of(builder().export(NbdExport.of("disk", disk)).connectionsMax(1))) {
            try (RawClient inside = RawClient.inside(narrow.server(), ReplyFormat.SIMPLE, "disk")) {
                for (int i = 0; i < 8; i++) {
                    RawClient.greeted(narrow.server()).ask("disk").close();
                }
                await(() -> narrow.server().connectionCount() == 1);
                reads(inside, 1);
            }
            try (RawClient next = RawClient.inside(narrow.server(), ReplyFormat.SIMPLE, "disk")) {
                reads(next, 1);
            }
        }
    }

    @Test
    void clientsThatDoNotReadTakeNothingFromOthers() {
        List<RawClient> deaf = new ArrayList<>();
        try {
            for (int i = 0; i < 8; i++) {
                RawClient client = RawClient.inside(server, ReplyFormat.SIMPLE, "disk");
                deaf.add(client);
                client.send(out -> {
                    for (int j = 0; j < 400; j++) { // 400 MiB of answers
                        new RequestHeader(0, Command.READ.code(), 7, 0, 1 << 20).encode(out, false);
                    }
                });
            }
            try (RawClient client = RawClient.inside(server, ReplyFormat.SIMPLE, "disk")) {
                reads(client, 100);
            }
        } finally {
            deaf.forEach(RawClient::close);
        }
    }

    @Test
    void clientsThatDoNotReadLeaveMemoryToOthers() {
        List<RawClient> deaf = new ArrayList<>();
        // Of 1,024 pages each of 64 clients has 8 for itself, twice what one of these requests needs.
        try (NbdTestServer small =
                NbdTestServer.of(builder().export(NbdExport.of("disk", disk)).pagesMax(1024))) {
            for (int i = 0; i < 8; i++) {
                RawClient client = RawClient.inside(small.server(), ReplyFormat.SIMPLE, "disk");
                deaf.add(client);
                client.send(out -> {
                    for (int j = 0; j < 1600; j++) {
                        new RequestHeader(0, Command.READ.code(), 7, 0, 16 << 10).encode(out, false);
                    }
                });
            }
            try (RawClient client = RawClient.inside(small.server(), ReplyFormat.SIMPLE, "disk")) {
                reads(client, 100);
            }
            assertThat(small.server().connectionCount()).isGreaterThanOrEqualTo(8); // and nobody had to be cut for that
            for (RawClient client : deaf) { // nor has anything been lost of what they asked for
                for (int j = 0; j < 1600; j++) {
                    assertThat(client.hex(16)).isEqualTo(GOOD);
                    client.take(16 << 10);
                }
            }
        } finally {
            deaf.forEach(RawClient::close);
        }
    }

    @Test
    void clientsThatKeepAllMemoryAreCutOnceOthersWaitForIt() {
        try (NbdTestServer small = NbdTestServer.of(builder()
                        .export(NbdExport.of("disk", disk))
                        .pagesMax(2048)
                        .stallTimeout(Duration.ofMillis(300)));
                RawClient deaf = RawClient.inside(small.server(), ReplyFormat.SIMPLE, "disk");
                RawClient halting = RawClient.inside(small.server(), ReplyFormat.SIMPLE, "disk");
                RawClient other = RawClient.inside(small.server(), ReplyFormat.SIMPLE, "disk")) {
            deaf.request(Command.READ, 0, 0, 32 << 20);
            halting.request(Command.WRITE, 0, 0, 8 << 20).send(half -> half.writeZero(4 << 20));
            reads(other, 100);
            reads(other, 100);
        }
    }

    private static void reads(RawClient client, int count) {
        for (int i = 0; i < count; i++) {
            client.request(Command.READ, 0, 512L * i, 512);
            assertThat(client.hex(16)).isEqualTo(GOOD);
            client.take(512);
        }
    }

    private void awaitNobody() {
        await(() -> server.connectionCount() == 0);
    }

    private static RawClient firstLetIn(List<RawClient> clients) {
        await(() -> clients.stream().anyMatch(RawClient::hasBytes));
        return clients.stream().filter(RawClient::hasBytes).findFirst().orElseThrow();
    }

    private static void await(BooleanSupplier what) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!what.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    /** A handshake, and requests of all kinds. */
    private static byte[] script() {
        ByteBuf out = Unpooled.buffer();
        out.writeInt(Wire.FIXED_NEWSTYLE | Wire.NO_ZEROES);
        out.writeLong(Wire.OPTION_MAGIC).writeInt(Wire.OPT_STRUCTURED_REPLY).writeInt(0);
        out.writeLong(Wire.OPTION_MAGIC).writeInt(Wire.OPT_GO).writeInt(10);
        Wire.writeString(out, "disk");
        out.writeShort(0);
        for (int i = 0; i < 20; i++) {
            new RequestHeader(0, Command.WRITE.code(), i, 4096L * i, 4096).encode(out, false);
            out.writeZero(4096);
            new RequestHeader(0, Command.READ.code(), i, 0, 65_536).encode(out, false);
            new RequestHeader(0, Command.WRITE_ZEROES.code(), i, 100, 70_000).encode(out, false);
            new RequestHeader(0, Command.FLUSH.code(), i, 0, 0).encode(out, false);
        }
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }
}
