package io.dmio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.VmBuffer;
import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.StepVerifier;

/** Whatever breaks a backup off, what the targets have is used, and the end is the content. */
class BackupStreamerTest {

    private static final int PIECE = BackupPiece.CONTENT_BYTES_MAX;
    private static final long SECTORS = 32 << 11; // 32 MiB

    private final DmIo io = DmIo.create().get(1024);
    private final MemoryDevice a = MemoryDevice.of("a", SECTORS);
    private final MemoryDevice b = MemoryDevice.of("b", SECTORS);
    private final List<Long> durable = new ArrayList<>();

    @AfterEach
    void everyPageCameBack() {
        io.close().block();
        assertThat(io.budget().inUse()).isZero();
    }

    /** Half of it random: of all bytes, or of so few that each piece is one write of a device. */
    private static byte[] content(int bytes, int letters) {
        byte[] content = new byte[bytes];
        Random random = new Random(bytes);
        for (int i = 0; i < bytes; i++) {
            content[i] = (byte) (i / (bytes / 4 + 1) % 3 == 0 ? random.nextInt(letters) : 'x');
        }
        return content;
    }

    private static byte[] content(int bytes) {
        return content(bytes, 16);
    }

    private static InputStream in(byte[] content) {
        return new ByteArrayInputStream(content);
    }

    private static void holds(MemoryDevice target, byte[] content) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(in(target.snapshot(0, (int) SECTORS)))) {
            assertThat(Arrays.equals(in.readAllBytes(), content)).isTrue();
        }
    }

    private BackupStreamer backup(BlockDevice... targets) {
        return new BackupStreamer(io, List.of(targets), durable::add);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 511, PIECE - 1, PIECE, PIECE + 1, 20 * PIECE})
    void eachTargetUnpacksToTheContent(int bytes) throws IOException {
        byte[] content = content(bytes, 256);
        assertThat(backup(a, b).run(in(content)).block()).isEmpty();
        holds(a, content);
        holds(b, content);
        assertThat(durable).endsWith(bytes / PIECE + 1L);
    }

    @Test
    void aTargetThatFailsIsNamedAndTheOthersGoOn() throws IOException {
        byte[] content = content(20 * PIECE);
        FaultyDevice failing =
                FaultyDevice.of(b, Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).after(9));
        Map<Integer, DeviceException> failed =
                backup(a, failing).run(in(content)).blockOptional().orElseThrow();
        assertThat(failed).containsOnlyKeys(1);
        assertThat(failed)
                .hasEntrySatisfying(1, cause -> assertThat(cause.errno()).isEqualTo(Errno.EIO));
        holds(a, content);
    }

    @Test
    void aTargetThatIsTooSmallIsNamed() throws IOException {
        byte[] content = content(12 * PIECE);
        MemoryDevice small = MemoryDevice.of("small", 4096);
        assertThat(backup(a, small).run(in(content)).block()).containsOnlyKeys(1);
        holds(a, content);
    }

    @Test
    void itGoesOnWhereAllTargetsHaveWhatIsThere() throws IOException {
        byte[] content = content(20 * PIECE);
        for (int cut : new int[] {0, 1, 7, 8, 12}) {
            FaultyDevice first = FaultyDevice.of(
                    a, Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).after(cut));
            FaultyDevice second = FaultyDevice.of(
                    b, Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).after(cut + 3));
            new BackupStreamer(io, List.of(first, second), pieces -> {})
                    .run(in(content))
                    .block();

            BackupStreamer again = backup(a, b);
            InputStream same = in(content);
            StepVerifier.create(again.resume(same)).expectNext((long) cut).verifyComplete();
            assertThat(again.run(same).block()).isEmpty();
            holds(a, content);
            holds(b, content);
            a.load(0, new byte[(int) SECTORS * 512]);
            b.load(0, new byte[(int) SECTORS * 512]);
        }
    }

    @Test
    void aBackupThatIsCompleteIsLeftAsItIs() throws IOException {
        byte[] content = content(3 * PIECE);
        backup(a, b).run(in(content)).block();
        BackupStreamer again = backup(a, b);
        InputStream same = in(content);
        assertThat(again.resume(same).block()).isEqualTo(4);
        assertThat(again.run(same).block()).isEmpty();
        holds(a, content);
    }

    @Test
    void aBackupThatIsCompleteButWasNotFlushedIsFlushed() {
        byte[] content = content(3 * PIECE);
        backup(a).run(in(content)).block();
        FaultyDevice unflushed = FaultyDevice.of(a, Fault.errno(Errno.EIO).on(BlockOp.Kind.FLUSH));
        BackupStreamer again = backup(unflushed);
        InputStream same = in(content);
        assertThat(again.resume(same).block()).isEqualTo(4);
        assertThat(again.run(same).block()).containsOnlyKeys(0);
    }

    @Test
    void anotherContentIsNotGoneOnWith() {
        byte[] content = content(9 * PIECE);
        backup(a, b).run(in(content)).block();
        content[3 * PIECE] ^= 1;
        StepVerifier.create(backup(a, b).resume(in(content)))
                .verifyErrorMessage("piece 3 is not what the targets have: begin anew");
    }

    @Test
    void piecesOfAnOlderBackupDoNotCount() throws IOException {
        backup(a).run(in(content(12 * PIECE))).block();
        byte[] content = content(10 * PIECE);
        FaultyDevice failing =
                FaultyDevice.of(a, Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).after(4));
        backup(failing).run(in(content)).block();
        BackupStreamer again = backup(a);
        InputStream same = in(content);
        assertThat(again.resume(same).block()).isEqualTo(4);
        assertThat(again.run(same).block()).isEmpty();
        holds(a, content);
    }

    @Test
    void piecesOfAnOlderBackupDoNotFollowTheLast() throws IOException {
        backup(a).run(in(content(4 * 6 * PIECE, 256))).block(); // its first six pieces are all as long
        byte[] content = Arrays.copyOf(content(4 * 3 * PIECE, 256), 3 * PIECE - 100); // and so is the last of these
        backup(a).run(in(content)).block();
        holds(a, content);
    }

    @Test
    void whatIsSaidToBeDurableOutlivesAPowerCut() {
        byte[] content = content(20 * PIECE);
        long promises = 0;
        for (int cut = 1; cut < 25; cut++) {
            durable.clear();
            PoweredDisk powered = new PoweredDisk(a, new AtomicInteger(cut));
            backup(powered).run(in(content)).block();
            powered.powerOn(new Random(cut));
            long promised = durable.stream().mapToLong(Long::longValue).max().orElse(0);
            promises += promised;
            assertThat(backup(a).resume(in(content)).block()).as("cut %s", cut).isGreaterThanOrEqualTo(promised);
            a.load(0, new byte[(int) SECTORS * 512]);
        }
        assertThat(promises).isPositive();
    }

    @Test
    void aPieceThatIsTornOrHarmedIsNoPiece() {
        VmBuffer memory = BackupPiece.packed(7, content(100_000), false);
        byte[] bytes = new byte[(int) memory.bytes()];
        memory.buffer().getBytes(0, bytes);
        BackupPiece piece = BackupPiece.of(memory.buffer()).orElseThrow();
        assertThat(piece.bytes()).isEqualTo(bytes.length);
        assertThat(piece.isWhole(bytes, 7)).isTrue();
        assertThat(piece.isWhole(bytes, 8)).isFalse();
        Random random = new Random(1);
        for (int i = 0; i < 50; i++) {
            byte[] torn = bytes.clone();
            int sector = 1 + random.nextInt(bytes.length / 512 - 1);
            Arrays.fill(torn, sector * 512, sector * 512 + 512, (byte) 0);
            assertThat(piece.isWhole(torn, 7) && !Arrays.equals(torn, bytes)).isFalse();
        }
        memory.buffer().setByte(0, 0);
        assertThat(BackupPiece.of(memory.buffer())).isEmpty();
        memory.release();
    }
}
