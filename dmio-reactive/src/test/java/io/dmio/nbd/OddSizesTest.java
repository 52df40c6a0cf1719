package io.dmio.nbd;

import static io.dmio.nbd.NbdTestServer.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.Extent;
import io.dmio.device.MemoryDevice;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.ReplyFormat;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exports whose size is no multiple of a block: no byte is lost without a word. */
class OddSizesTest {

    private static final int WHOLE = 4096;
    private static final int ODD = 320;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void aTailIsServedToItsLastByte() {
        byte[] all = random(WHOLE + ODD);
        MemoryDevice disk = MemoryDevice.of("disk", WHOLE / 512);
        write(disk, 0, Arrays.copyOf(all, WHOLE));
        NbdExport export = NbdExport.of("disk", disk).withTail(Arrays.copyOfRange(all, WHOLE, all.length));
        try (NbdTestServer server = NbdTestServer.of(NbdServer.builder().export(export))) {
            try (RawClient client = RawClient.inside(server.server(), ReplyFormat.SIMPLE, "disk")) {
                for (int from : new int[] {0, 1, WHOLE - 512, WHOLE - 1, WHOLE, WHOLE + 1, WHOLE + ODD - 1}) {
                    client.request(Command.READ, 0, from, all.length - from);
                    client.take(16);
                    assertThat(client.take(all.length - from)).isEqualTo(Arrays.copyOfRange(all, from, all.length));
                }
                client.request(Command.READ, 0, WHOLE, ODD + 1);
                assertThat(client.hex(8)).isEqualTo("67446698" + "00000016");
            }
            NbdDevice device = open(server.server().uri("disk"));
            assertThat(device.info().bytes()).isEqualTo(WHOLE);
            assertThat(device.bytes()).isEqualTo(all.length);
            assertThat(read(device.padded(), 0, WHOLE + 512)).isEqualTo(Arrays.copyOf(all, WHOLE + 512));
            assertThat(device.padded().extents(WHOLE / 512, 1).block(PATIENCE))
                    .containsExactly(new Extent(WHOLE / 512, 1, Extent.Kind.DATA));
            device.close().block(PATIENCE);
        }
    }

    @Test
    void theBytesAfterTheLastBlockAreWrittenAndNoneBehindThem() throws InterruptedException {
        Tool.assumeThere("nbdkit");
        Path socket = directory.resolve("s");
        Process server = Tool.serve(
                () -> Tool.isAlive(socket),
                List.of("nbdkit", "-f", "-U", socket.toString(), "memory", String.valueOf(WHOLE + ODD)));
        try {
            NbdDevice device = open(NbdUri.unix(socket, ""));
            BlockDevice padded = device.padded();
            byte[] all = Arrays.copyOf(random(WHOLE + ODD), WHOLE + 512);
            write(padded, 0, all);
            assertThat(read(padded, 0, all.length)).isEqualTo(all);
            byte[] last = Arrays.copyOf(Arrays.copyOf(all, ODD), 512);
            assertThatThrownBy(() -> write(padded, WHOLE / 512, random(512))).isInstanceOf(DeviceException.class);
            DeviceException refused =
                    catchThrowableOfType(DeviceException.class, () -> write(padded, 0, random(WHOLE + 512)));
            assertThat(refused.errno()).isEqualTo(Errno.ENOSPC);
            write(padded, WHOLE / 512, last);
            assertThat(read(padded, WHOLE / 512, 512)).isEqualTo(last);
            padded.submit(new BlockOp.WriteZeroes(WHOLE / 512 - 1, 2)).block(PATIENCE);
            assertThat(read(padded, WHOLE / 512 - 1, 1024)).containsOnly(0);
            padded.close().block(PATIENCE);
        } finally {
            server.destroyForcibly().waitFor();
        }
    }

    private static NbdDevice open(NbdUri uri) {
        return Objects.requireNonNull(NbdDevice.open(uri, NbdOptions.DEFAULT).block(PATIENCE));
    }

    private static byte[] random(int bytes) {
        byte[] all = new byte[bytes];
        new Random(bytes).nextBytes(all);
        return all;
    }

    private static void write(BlockDevice device, long sector, byte[] bytes) {
        ByteBuf memory = Unpooled.directBuffer(bytes.length, bytes.length).writeBytes(bytes);
        try {
            device.submit(new BlockOp.Write(sector, memory, false)).block(PATIENCE);
        } finally {
            memory.release();
        }
    }

    private static byte[] read(BlockDevice device, long sector, int bytes) {
        ByteBuf memory = Unpooled.directBuffer(bytes, bytes);
        try {
            device.submit(new BlockOp.Read(sector, memory)).block(PATIENCE);
            byte[] read = new byte[bytes];
            memory.getBytes(0, read);
            return read;
        } finally {
            memory.release();
        }
    }
}
