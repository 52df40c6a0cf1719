package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.harness.AnyMemory;
import io.dmio.testkit.ManualDevice;
import io.dmio.testkit.Seed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** A region by bytes is like an array of them, whatever shares a block. */
@ExtendWith(Seed.class)
class DeviceBytesTest {

    private static final int BYTES = 64 * 1024;

    private final DmIo io = DmIo.create().get(16);
    private final List<Throwable> failed = new ArrayList<>();

    @AfterEach
    void nothingIsLeft() {
        StepVerifier.create(io.close()).verifyComplete();
        assertThat(io.budget().inUse()).isZero();
        assertThat(failed).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void whateverIsWrittenIsReadAsFromAnArray(int blockBytes, SplittableRandom random) {
        DeviceBytes bytes = bytes(disk(blockBytes));
        byte[] model = new byte[BYTES];
        for (int i = 0; i < 300; i++) {
            int count = random.nextInt(random.nextBoolean() ? 3 * blockBytes : 1500);
            int at = random.nextInt(BYTES - count + 1);
            if (random.nextBoolean()) {
                try (AnyMemory any = new AnyMemory(random)) {
                    ByteBuf from = any.draw(count + 1, true).buffer();
                    from.setIndex(1, 1 + count);
                    from.getBytes(1, model, at, count);
                    bytes.write(at, from).block();
                    assertThat(List.of(from.readerIndex(), from.writerIndex())).containsExactly(1, 1 + count);
                    any.assertNothingElseChanged();
                }
            }
            assertThat(read(bytes, at, count)).isEqualTo(Arrays.copyOfRange(model, at, at + count));
        }
        assertThat(read(bytes, 0, BYTES)).isEqualTo(model);
    }

    @Test
    void writesAtOnceThatShareBlocksLoseNothing() {
        DeviceBytes bytes = bytes(disk(4096));
        Flux.range(0, BYTES / 64)
                .flatMap(i -> bytes.write(i * 64L, Unpooled.wrappedBuffer(filled(64, i))), 256)
                .then()
                .block();
        for (int i = 0; i < BYTES / 64; i++) {
            assertThat(read(bytes, i * 64, 64)).isEqualTo(filled(64, i));
        }
    }

    @Test
    void aThousandWritesMayWaitForOneBlockAndTheNextIsRefused() {
        ManualDevice disk = ManualDevice.of("disk", 8);
        DeviceBytes bytes = bytes(disk);
        List<Integer> done = new ArrayList<>();
        for (int i = 0; i < 1024; i++) {
            int number = i;
            bytes.write(0, whole(i)).subscribe(never -> {}, failed::add, () -> done.add(number));
        }
        ByteBuf refused = whole(1);
        StepVerifier.create(bytes.write(0, refused)).verifyErrorMatches(Exceptions::isOverflow);
        assertThat(refused.refCnt()).isOne();
        for (int i = 0; i < 1024; i++) {
            assertThat(disk.ops()).hasSize(i + 1);
            disk.answer(i);
        }
        assertThat(done).isSorted().hasSize(1024);
        bytes.write(0, refused).subscribe(never -> {}, failed::add, () -> done.add(1024));
        disk.answer(1024);
        assertThat(done).hasSize(1025);
    }

    @Test
    void writesThatEndAtOnceDoNotNest() {
        FaultyDevice stalled = FaultyDevice.of(MemoryDevice.of("memory", 8));
        DeviceBytes bytes = bytes(stalled);
        stalled.stall();
        List<Integer> depths = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            bytes.write(0, whole(i))
                    .subscribe(never -> {}, failed::add, () -> depths.add(new Throwable().getStackTrace().length));
        }
        stalled.release();
        assertThat(depths).hasSize(1000).allMatch(depth -> depth < 400);
    }

    @Test
    void aWriteWaitsForThoseThatShareItsBlocksAndForNoOther() {
        ManualDevice disk = ManualDevice.of("disk", 8);
        DeviceBytes bytes = bytes(disk);
        bytes.write(100, Unpooled.wrappedBuffer(filled(500, 1))).subscribe(); // blocks 0 and 1
        bytes.write(700, Unpooled.wrappedBuffer(filled(10, 2))).subscribe(); // block 1
        bytes.write(1024, Unpooled.wrappedBuffer(filled(512, 3))).subscribe(); // block 2, whole
        assertThat(disk.ops()).extracting(BlockOp::kind).containsExactly(BlockOp.Kind.READ, BlockOp.Kind.WRITE);
        disk.answer(1);
        disk.answer(0);
        disk.answer(2); // the other end's block
        assertThat(disk.ops()).hasSize(4);
        disk.answer(3);
        assertThat(disk.ops()).hasSize(5).last().extracting(BlockOp::kind).isEqualTo(BlockOp.Kind.READ);
        disk.answer(4);
        disk.answer(5);
        assertThat(disk.ops()).hasSize(6);
    }

    @Test
    void aCancelWithdrawsAWriteThatWaitsAndOneThatHasBegunRunsOut() {
        ManualDevice disk = ManualDevice.of("disk", 8);
        DeviceBytes bytes = bytes(disk);
        ByteBuf from = Unpooled.directBuffer(10).writeBytes(filled(10, 1));
        Disposable begun = bytes.write(0, from).subscribe();
        Disposable waits = bytes.write(20, from).subscribe();
        bytes.write(40, from).subscribe();
        begun.dispose();
        waits.dispose();
        assertThat(disk.ops()).hasSize(1);
        disk.answer(0);
        assertThat(disk.ops()).hasSize(2).last().extracting(BlockOp::kind).isEqualTo(BlockOp.Kind.WRITE);
        disk.answer(1); // then the third: of the second nothing is asked
        disk.answer(2);
        disk.answer(3);
        assertThat(disk.ops()).hasSize(4);
        assertThat(from.refCnt()).isEqualTo(1);
        from.release();
    }

    @Test
    void aBlockThatCannotBeReadIsNotWritten() {
        MemoryDevice memory = MemoryDevice.of("memory", 8);
        memory.load(0, filled(4096, 9));
        FaultyDevice disk = FaultyDevice.of(
                memory, Fault.errno(Errno.EIO).on(BlockOp.Kind.READ).within(1, 1));
        DeviceBytes bytes = bytes(disk);
        StepVerifier.create(bytes.write(100, Unpooled.wrappedBuffer(filled(500, 1))))
                .verifyErrorMessage("EIO: memory: read of sectors [1, 2): as the fault plan says");
        assertThat(memory.snapshot(0, 8)).isEqualTo(filled(4096, 9));
        StepVerifier.create(bytes.read(600, 1)).verifyError(DeviceException.class);
        StepVerifier.create(bytes.write(512, whole(3))).verifyComplete(); // of a whole block nothing is read
        StepVerifier.create(bytes.flush()).verifyComplete();
    }

    @Test
    void whatIsNotInsideTheRegionIsRefusedAtOnce() {
        DeviceBytes bytes = DeviceBytes.of(io, new IoRegion(MemoryDevice.of("memory", 64), 8, 2));
        assertThat(bytes.size()).isEqualTo(1024);
        ByteBuf one = Unpooled.wrappedBuffer(new byte[1]);
        for (long at : new long[] {-1, 1024, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThatIllegalArgumentException().isThrownBy(() -> bytes.write(at, one));
            assertThatIllegalArgumentException().isThrownBy(() -> bytes.read(at, 1));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> bytes.read(0, -1))
                .withMessage("-1 bytes at 0 are not inside a region of 1024 bytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DeviceBytes.of(io, new IoRegion(disk(4096), 1, 8)))
                .withMessage("region of sectors [1, 9) is not whole blocks of 4096 bytes");
        assertThat(bytes.read(1024, 0).map(ByteBuf::readableBytes).block()).isZero();
        StepVerifier.create(bytes.write(1024, Unpooled.EMPTY_BUFFER)).verifyComplete();
    }

    @Test
    void theJdksStreamsReadWhatTheyWrote() throws IOException {
        FaultyDevice disk = FaultyDevice.of(MemoryDevice.of("memory", 8));
        DeviceBytes bytes = bytes(disk);
        try (OutputStream out = Channels.newOutputStream(bytes.channel())) {
            out.write("hello, ".getBytes(StandardCharsets.UTF_8));
            out.write("disk".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(disk.ops(BlockOp.Kind.FLUSH)).isEqualTo(1);
        try (InputStream in = Channels.newInputStream(bytes.channel())) {
            assertThat(new String(in.readNBytes(11), StandardCharsets.UTF_8)).isEqualTo("hello, disk");
            assertThat(in.readAllBytes()).isEqualTo(new byte[4096 - 11]);
        }
    }

    @Test
    void aChannelEndsWhereTheRegionDoes() throws IOException {
        SeekableByteChannel channel = bytes(MemoryDevice.of("memory", 8)).channel();
        assertThat(channel.position(4095).write(ByteBuffer.wrap(new byte[] {7})))
                .isOne();
        assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        ByteBuffer two = ByteBuffer.allocateDirect(2);
        assertThat(channel.position(4095).read(two)).isOne();
        assertThat(List.of(two.position(), two.limit(), (int) two.get(0))).containsExactly(1, 2, 7);
        ByteBuffer unwritten = ByteBuffer.wrap(new byte[2]);
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> channel.position(4095).write(unwritten))
                .withMessage("2 bytes at 4095 do not fit into a region of 4096 bytes");
        assertThat(unwritten.position()).isZero();
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> channel.truncate(4095));
        assertThat(channel.truncate(5000).size()).isEqualTo(4096);
        assertThat(channel.position(1L << 40).read(two.clear())).isEqualTo(-1);
        channel.close();
        channel.close();
        assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(channel::position);
    }

    private DeviceBytes bytes(BlockDevice disk) {
        return DeviceBytes.of(io, IoRegion.all(disk));
    }

    private static MemoryDevice disk(int blockBytes) {
        return MemoryDevice.of(
                DeviceInfo.of("disk", BYTES / Sectors.BYTES, "memory").withBlocks(blockBytes, blockBytes));
    }

    private static byte[] read(DeviceBytes bytes, int at, int count) {
        ByteBuf read = bytes.read(at, count).blockOptional().orElseThrow();
        byte[] all = new byte[read.readableBytes()];
        read.readBytes(all).release();
        return all;
    }

    private static ByteBuf whole(int content) {
        return Unpooled.wrappedBuffer(filled(512, content));
    }

    private static byte[] filled(int bytes, int content) {
        byte[] all = new byte[bytes];
        Arrays.fill(all, (byte) content);
        return all;
    }
}
