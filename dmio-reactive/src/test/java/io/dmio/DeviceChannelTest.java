package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.ManualDevice;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** What code that blocks relies on: errors that it catches, memory that is its own again, and a close that says what is durable. */
class DeviceChannelTest {

    private final DmIo io = DmIo.create().get(16);

    @AfterEach
    void nothingIsLeft() {
        StepVerifier.create(io.close()).verifyComplete();
        assertThat(io.budget().inUse()).isZero();
    }

    @Test
    void onAThreadThatMustNotBlockNothingIsDone() throws IOException {
        FaultyDevice disk = FaultyDevice.of(MemoryDevice.of("memory", 8));
        SeekableByteChannel channel = channel(disk);
        channel.write(ByteBuffer.allocate(1));
        Mono.fromRunnable(() -> {
                    ByteBuffer bytes = ByteBuffer.allocate(3);
                    assertThatIllegalStateException().isThrownBy(() -> channel.write(bytes));
                    assertThatIllegalStateException().isThrownBy(() -> channel.read(bytes));
                    assertThatIllegalStateException()
                            .isThrownBy(channel::close)
                            .withMessageContaining("nothing was done");
                    assertThat(bytes.position()).isZero();
                })
                .subscribeOn(Schedulers.parallel())
                .block();
        assertThat(disk.ops(BlockOp.Kind.WRITE)).isEqualTo(1);
        assertThat(channel.isOpen()).isTrue();
        channel.close();
        assertThat(disk.ops(BlockOp.Kind.FLUSH)).isEqualTo(1);
    }

    @Test
    void anInterruptEndsTheWaitingAndTheCallersMemoryIsItsOwnAgain() throws IOException {
        ManualDevice disk = ManualDevice.of("disk", 8);
        SeekableByteChannel channel = channel(disk);
        byte[] mine = new byte[512];
        Arrays.fill(mine, (byte) 1);
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(InterruptedIOException.class).isThrownBy(() -> channel.write(ByteBuffer.wrap(mine)));
        assertThat(Thread.interrupted()).as("it stays interrupted").isTrue();
        Arrays.fill(mine, (byte) 2);
        assertThat(disk.ops())
                .singleElement()
                .isInstanceOfSatisfying(
                        BlockOp.Write.class,
                        write -> assertThat(write.from().getByte(511)).isEqualTo((byte) 1));
        assertThat(channel.position()).isZero();
        disk.answer(0); // it runs out
    }

    @Test
    void whateverGoesWrongIsAnIOException() throws IOException {
        DmIo closed = DmIo.create().get(4);
        SeekableByteChannel ofClosed = DeviceBytes.of(closed, IoRegion.all(MemoryDevice.of("memory", 8)))
                .channel();
        closed.close().block();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> ofClosed.write(ByteBuffer.allocate(1)))
                .withCauseInstanceOf(IllegalStateException.class);
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> ofClosed.read(ByteBuffer.allocate(1)));
        assertThatExceptionOfType(IOException.class).isThrownBy(ofClosed::close);

        SeekableByteChannel failing = channel(FaultyDevice.of(MemoryDevice.of("memory", 8), Fault.errno(Errno.EIO)));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> failing.write(ByteBuffer.allocate(1)))
                .withMessageStartingWith("EIO: memory")
                .withCauseInstanceOf(DeviceException.class);
    }

    @Test
    void aChannelThatOnlyReadIsClosedWithoutAFlush() throws IOException {
        MemoryDevice disk = MemoryDevice.of(DeviceInfo.of("memory", 8, "memory")); // which cannot flush
        try (InputStream in = Channels.newInputStream(channel(disk))) {
            assertThat(in.readAllBytes()).hasSize(4096);
        }
        SeekableByteChannel wrote = channel(disk);
        wrote.write(ByteBuffer.allocate(1));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(wrote::close)
                .withMessageContaining("flush: the device cannot do this");
        assertThat(wrote.isOpen()).isFalse();
        wrote.close(); // once is enough
    }

    @Test
    void argumentsAreLookedAtAsTheJdkSays() throws IOException {
        SeekableByteChannel channel = channel(MemoryDevice.of("memory", 8));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> channel.read(ByteBuffer.allocate(3).asReadOnlyBuffer()));
        assertThatIllegalArgumentException().isThrownBy(() -> channel.truncate(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> channel.position(-1));
        assertThat(channel.position(10_000).write(ByteBuffer.allocate(0))).isZero();
        ByteBuffer readOnly = ByteBuffer.allocateDirect(3).asReadOnlyBuffer();
        assertThat(channel.position(4093).write(readOnly)).isEqualTo(3);
        channel.close();
    }

    private SeekableByteChannel channel(BlockDevice disk) {
        return DeviceBytes.of(io, IoRegion.all(disk)).channel();
    }
}
