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
import io.dmio.nbd.wire.Wire;
import io.dmio.nbd.wire.WireError;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every command, legal and illegal, byte by byte. */
class ServerSessionTest extends ServerFixture {

    private static final String COOKIE = "0000000000000007";
    private static final String GOOD = "67446698" + "00000000" + COOKIE;

    @Test
    void whatIsRefusedIsRefusedByItsNumberAndTheConnectionLivesOn() {
        try (RawClient client = RawClient.inside(server, ReplyFormat.SIMPLE, "disk")) {
            refused(client.request(Command.READ, 0, BYTES - 511, 512), WireError.EINVAL);
            refused(client.request(Command.READ, 0, Long.MAX_VALUE, 512), WireError.EINVAL);
            refused(client.request(Command.READ, 0, -512, 512), WireError.EINVAL);
            refused(client.request(Command.READ, 0, 0, Wire.PAYLOAD_BYTES_MAX + 1), WireError.EINVAL);
            refused(client.request(Command.READ, 0, 0, 0xffff_ffffL), WireError.EINVAL);
            refused(client.request(Command.READ, Wire.CMD_DF, 0, 512), WireError.EINVAL); // not with simple answers
            refused(client.request(Command.READ, 1 << 9, 0, 512), WireError.EINVAL);
            refused(client.request(Command.TRIM, 0, BYTES, 512), WireError.EINVAL);
            refused(client.request(Command.WRITE_ZEROES, 0, BYTES, 512), WireError.ENOSPC);
            refused(client.request(Command.FLUSH, 0, 512, 0), WireError.EINVAL);
            refused(client.request(Command.BLOCK_STATUS, 0, 0, 512), WireError.EINVAL); // without a context
            refused(client.send(bytes -> new RequestHeader(0, 99, 7, 0, 512).encode(bytes, false)), WireError.EINVAL);
            client.request(Command.READ, 0, 0, 512);
            assertThat(client.hex(16)).isEqualTo(GOOD);
            assertThat(client.take(512)).containsOnly(0);
        }
    }

    @Test
    void thePayloadOfARefusedWriteIsSkipped() {
        try (RawClient client = RawClient.inside(server, ReplyFormat.SIMPLE, "disk")) {
            for (int length : new int[] {512, Wire.PAYLOAD_BYTES_MAX + 1, RequestReader.DRAIN_BYTES_MAX}) {
                client.request(Command.WRITE, 0, BYTES - 511, length).send(bytes -> bytes.writeZero(length));
                refused(client, WireError.ENOSPC);
            }
            client.request(Command.WRITE, 1 << 9, 0, 512).send(bytes -> bytes.writeZero(512));
            refused(client, WireError.EINVAL);
            client.request(Command.WRITE, 0, 0, 512).send(bytes -> bytes.writeBytes(pattern(512)));
            assertThat(client.hex(16)).isEqualTo(GOOD);
            assertThat(disk.snapshot(0, 1)).isEqualTo(pattern(512));
        }
        try (RawClient readOnly = RawClient.inside(server, ReplyFormat.SIMPLE, "readonly")) {
            readOnly.request(Command.WRITE, 0, 0, 512).send(bytes -> bytes.writeZero(512));
            refused(readOnly, WireError.EPERM);
            refused(readOnly.request(Command.TRIM, 0, 0, 512), WireError.EPERM);
            refused(readOnly.request(Command.WRITE_ZEROES, 0, 0, 512), WireError.EPERM);
        }
    }

    @Test
    void aBrokenFrameClosesItsConnectionOnly() {
        try (RawClient other = RawClient.inside(server, ReplyFormat.SIMPLE, "disk")) {
            try (RawClient client = RawClient.inside(server, ReplyFormat.SIMPLE, "disk")) {
                client.send(bytes -> bytes.writeZero(Wire.REQUEST_BYTES));
                assertThat(client.isClosed()).isTrue();
            }
            try (RawClient client = RawClient.inside(server, ReplyFormat.SIMPLE, "disk")) {
                client.request(Command.WRITE, 0, 0, RequestReader.DRAIN_BYTES_MAX + 1L);
                assertThat(client.isClosed()).isTrue();
            }
            other.request(Command.FLUSH, 0, 0, 0);
            assertThat(other.hex(16)).isEqualTo(GOOD);
        }
    }

    @Test
    void requestsMayComeByteByByteAndManyAtOnce() {
        try (RawClient client = RawClient.inside(server, ReplyFormat.SIMPLE, "disk")) {
            byte[] all = new byte[Wire.REQUEST_BYTES + 512];
            client.send(bytes -> {
                new RequestHeader(0, Command.WRITE.code(), 7, 512, 512).encode(bytes, false);
                bytes.writeBytes(pattern(512));
                bytes.getBytes(0, all);
                bytes.clear();
            });
            for (byte one : all) {
                client.send(bytes -> bytes.writeByte(one));
            }
            assertThat(client.hex(16)).isEqualTo(GOOD);
            client.send(bytes -> {
                for (int i = 0; i < 500; i++) { // more than may be in flight
                    new RequestHeader(0, Command.READ.code(), 7, 512, 512).encode(bytes, false);
                }
            });
            for (int i = 0; i < 500; i++) {
                assertThat(client.hex(16)).isEqualTo(GOOD);
                assertThat(client.take(512)).isEqualTo(pattern(512));
            }
        }
    }

    @Test
    void structuredReadsHaveChunksAndErrorsHaveTexts() {
        byte[] some = pattern(4096);
        disk.load(0, some);
        try (RawClient client = RawClient.inside(server, ReplyFormat.STRUCTURED, "disk")) {
            client.request(Command.READ, 0, 0, 65_536);
            assertThat(client.hex(28))
                    .isEqualTo("668e33ef" + "0000" + "0001" + COOKIE + "00001008" + "0000000000000000");
            assertThat(client.take(4096)).isEqualTo(some);
            assertThat(client.hex(32))
                    .isEqualTo("668e33ef" + "0001" + "0002" + COOKIE + "0000000c" + "0000000000001000" + "0000f000");
            client.request(Command.READ, Wire.CMD_DF, 0, 65_536);
            assertThat(client.hex(28))
                    .isEqualTo("668e33ef" + "0001" + "0001" + COOKIE + "00010008" + "0000000000000000");
            client.take(65_536);
            client.request(Command.FLUSH, 0, 0, 0);
            assertThat(client.hex(20)).isEqualTo("668e33ef" + "0001" + "0000" + COOKIE + "00000000");
            client.request(Command.READ, 0, BYTES, 1);
            String text = "beyond the export's end at byte " + BYTES;
            assertThat(client.hex(20)).isEqualTo("668e33ef" + "0001" + "8001" + COOKIE + hex(6 + text.length()));
            assertThat(client.hex(6)).isEqualTo("00000016" + String.format("%04x", text.length()));
            assertThat(new String(client.take(text.length()), StandardCharsets.UTF_8))
                    .isEqualTo(text);
        }
    }

    @Test
    void extendedHeadersAreEchoedWithTheirOffsets() {
        try (RawClient client = RawClient.inside(server, ReplyFormat.EXTENDED, "disk")) {
            client.send(bytes -> {
                new RequestHeader(Wire.CMD_PAYLOAD_LEN, Command.WRITE.code(), 7, 512, 512).encode(bytes, true);
                bytes.writeBytes(pattern(512));
            });
            assertThat(client.hex(32))
                    .isEqualTo("6e8a278c" + "0001" + "0000" + COOKIE + "0000000000000200" + "0000000000000000");
            client.send(bytes -> new RequestHeader(0, Command.READ.code(), 7, 512, 512).encode(bytes, true));
            assertThat(client.hex(40))
                    .isEqualTo("6e8a278c" + "0001" + "0001" + COOKIE + "0000000000000200" + "0000000000000208"
                            + "0000000000000200");
            assertThat(client.take(512)).isEqualTo(pattern(512));
            client.send(bytes -> new RequestHeader(0, Command.WRITE_ZEROES.code(), 7, 0, 1L << 33).encode(bytes, true));
            assertThat(client.hex(8)).isEqualTo("6e8a278c" + "0001" + "8001");
        }
    }

    @Test
    void writesOfPartsOfBlocksLeaveTheRestAlone() {
        MemoryDevice large = MemoryDevice.of(disk.info().withBlocks(4096, 4096));
        Random random = new Random(11);
        byte[] expected = new byte[1 << 20];
        random.nextBytes(expected);
        large.load(0, expected);
        try (NbdTestServer of4096 = NbdTestServer.of(NbdServer.builder()
                        .export(NbdExport.of("any", large))
                        .export(NbdExport.of("whole", large).withWholeBlocksOnly()));
                RawClient client = RawClient.inside(of4096.server(), ReplyFormat.SIMPLE, "any");
                RawClient strict = RawClient.inside(of4096.server(), ReplyFormat.SIMPLE, "whole")) {
            for (int i = 0; i < 300; i++) {
                int offset = random.nextInt(expected.length - 20_000);
                byte[] bytes = new byte[random.nextInt(1, 20_000)];
                boolean zero = random.nextInt(4) == 0;
                if (zero) {
                    client.request(Command.WRITE_ZEROES, i % 2 * Wire.CMD_NO_HOLE, offset, bytes.length);
                } else {
                    random.nextBytes(bytes);
                    client.request(Command.WRITE, i % 3 == 0 ? Wire.CMD_FUA : 0, offset, bytes.length)
                            .send(out -> out.writeBytes(bytes));
                }
                System.arraycopy(bytes, 0, expected, offset, bytes.length);
                assertThat(client.hex(16)).isEqualTo(GOOD);
            }
            assertThat(large.snapshot(0, 2048)).isEqualTo(expected);
            client.request(Command.READ, 0, 4097, 5000);
            client.take(16);
            assertThat(client.take(5000)).isEqualTo(Arrays.copyOfRange(expected, 4097, 9097));
            refused(strict.request(Command.READ, 0, 512, 4096), WireError.EINVAL);
            refused(strict.request(Command.READ, 0, 4096, 512), WireError.EINVAL);
            strict.request(Command.READ, 0, 4096, 4096);
            assertThat(strict.hex(16)).isEqualTo(GOOD);
            strict.take(4096);
        }
        large.close().block();
    }

    @Test
    void twoConnectionsThatWritePartsOfOneBlockLoseNothing() {
        MemoryDevice large = MemoryDevice.of(disk.info().withBlocks(4096, 4096));
        FaultyDevice slow =
                FaultyDevice.of(large, Fault.delayed(Duration.ofMillis(2)).on(BlockOp.Kind.READ, BlockOp.Kind.WRITE));
        try (NbdTestServer served = NbdTestServer.of(NbdServer.builder().export(NbdExport.of("disk", slow)))) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                clients.add(RawClient.inside(served.server(), ReplyFormat.SIMPLE, "disk"));
            }
            for (int i = 0; i < 8; i++) {
                byte mine = (byte) (i + 1);
                int at = i * 512;
                clients.get(i).request(Command.WRITE, 0, at, 512).send(bytes -> bytes.writeBytes(filled(mine)));
            }
            for (int i = 0; i < 8; i++) {
                assertThat(clients.get(i).hex(16)).isEqualTo(GOOD);
                assertThat(large.snapshot(i, 1)).containsOnly(i + 1);
                clients.get(i).close();
            }
        }
        large.close().block();
    }

    @Test
    void whatADeviceSaysIsToldAsOneOfEightNumbers() {
        for (Errno errno : Set.of(Errno.EIO, Errno.ENODATA, Errno.ENOSPC, Errno.EDQUOT, Errno.EROFS)) {
            FaultyDevice broken = FaultyDevice.of(disk, Fault.errno(errno).on(BlockOp.Kind.WRITE));
            WireError expected = switch (errno) {
                case ENOSPC, EDQUOT -> WireError.ENOSPC;
                case EROFS -> WireError.EPERM;
                default -> WireError.EIO;
            };
            try (NbdTestServer served = NbdTestServer.of(NbdServer.builder().export(NbdExport.of("disk", broken)));
                    RawClient client = RawClient.inside(served.server(), ReplyFormat.SIMPLE, "disk")) {
                client.request(Command.WRITE, 0, 0, 512).send(bytes -> bytes.writeZero(512));
                refused(client, expected);
            }
        }
    }

    @Test
    void zeroingNothingTouchesNothing() {
        FaultyDevice untouchable = FaultyDevice.of(
                disk, Fault.errno(Errno.EIO).on(BlockOp.Kind.READ, BlockOp.Kind.WRITE, BlockOp.Kind.WRITE_ZEROES));
        try (NbdTestServer served = NbdTestServer.of(NbdServer.builder().export(NbdExport.of("disk", untouchable)));
                RawClient client = RawClient.inside(served.server(), ReplyFormat.SIMPLE, "disk")) {
            for (int offset : new int[] {0, 100, 512}) {
                client.request(Command.WRITE_ZEROES, 0, offset, 0);
                assertThat(client.hex(16)).isEqualTo(GOOD);
            }
        }
    }

    @Test
    void goodbyeWaitsForWhatIsInFlightAndClosesWithoutAWord() {
        try (RawClient client = RawClient.inside(server, ReplyFormat.SIMPLE, "disk")) {
            client.request(Command.WRITE, 0, 0, 512).send(bytes -> bytes.writeBytes(pattern(512)));
            client.request(Command.DISC, 0, 0, 0);
            assertThat(client.hex(16)).isEqualTo(GOOD);
            assertThat(client.isClosed()).isTrue();
        }
    }

    private static RawClient refused(RawClient client, WireError error) {
        assertThat(client.hex(16)).isEqualTo("67446698" + hex(error.number()) + COOKIE);
        return client;
    }

    private static String hex(int number) {
        return HexFormat.of().toHexDigits(number);
    }

    private static byte[] filled(byte with) {
        byte[] bytes = new byte[512];
        Arrays.fill(bytes, with);
        return bytes;
    }

    private static byte[] pattern(int count) {
        byte[] bytes = new byte[count];
        new Random(5).nextBytes(bytes);
        return bytes;
    }
}
