package io.dmio.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.testkit.Patterns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import reactor.core.publisher.Mono;

/** A faulty device over memory, and a caller's buffer that nobody may touch. */
abstract class FaultyDeviceFixture {

    static final byte[] OLD = Patterns.bytes(0, 8, 1);
    static final byte[] NEW = Patterns.bytes(0, 8, 2);

    final MemoryDevice memory = MemoryDevice.of("memory", 1 << 20);
    final FaultyDevice device = FaultyDevice.of(memory);
    final ByteBuf from = Unpooled.directBuffer(4096, 4096).setBytes(0, NEW);

    @AfterEach
    void theCallersBufferIsAsItWas() {
        assertThat(from.refCnt()).isOne();
        assertThat(List.of(from.readerIndex(), from.writerIndex())).containsExactly(0, 0);
        Patterns.check(from, 0, 2);
        from.release();
    }

    final Mono<Void> write() {
        return device.submit(new BlockOp.Write(0, from, true));
    }

    final void assertTornAt(int kept) {
        Patterns.check(Unpooled.wrappedBuffer(memory.snapshot(0, kept)), 0, 2);
        Patterns.check(Unpooled.wrappedBuffer(memory.snapshot(kept, 8 - kept)), kept, 1);
    }

    static void assertErrno(Throwable error, Errno errno) {
        assertThat(((DeviceException) error).errno()).isEqualTo(errno);
    }
}
