package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.testkit.DeviceFixture;
import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEventLoopGroup;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An engine's event loops are lent, not given. */
class EngineLoopsTest extends DeviceFixture {

    @TempDir
    private Path directory = Path.of("");

    @Test
    @SuppressWarnings("deprecation") // they can be called, so they are
    void nobodyButTheEngineShutsThemDown() {
        UringHere.shared();
        IoEngine engine = IoEngines.uring(UringOptions.defaults());
        BlockDevice file = engine.open(
                        directory.resolve("file"), OpenOptions.readWrite().withCreate(4096))
                .blockOptional(PATIENCE)
                .orElseThrow();
        IoEventLoopGroup loops = EventLoops.of(engine).orElseThrow();
        for (ThrowingCallable end : List.<ThrowingCallable>of(
                loops::shutdownGracefully,
                loops::shutdown,
                loops::shutdownNow,
                () -> loops.shutdownGracefully(0, 1, TimeUnit.SECONDS),
                () -> loops.next().shutdownGracefully(),
                () -> loops.next().shutdown())) {
            assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(end);
        }
        ByteBuf memory = filled(4096, 1);
        write(file, 0, memory);
        assertThat(all(read(file, 0, 4096))).isEqualTo(all(memory));
        file.submit(new BlockOp.Flush()).block(PATIENCE);

        file.close().block(PATIENCE);
        engine.close().block(PATIENCE);
        assertThat(loops.terminationFuture().awaitUninterruptibly(10, TimeUnit.SECONDS))
                .isTrue();
    }
}
