package io.dmio.engine;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.PageList;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Does an engine's own operations on a temporary file, because what a library says is available and what a container's
 * seccomp filter lets through are two things: a write, a vectored read, a flush, and space given back. Blocks.
 */
final class EngineProbe {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int BYTES = 2 * Sectors.PAGE_BYTES;

    private EngineProbe() {}

    /**
     * Tries them.
     *
     * @return what worked, for people
     * @throws UnsupportedOperationException if one did not work
     */
    static String of(IoEngine engine) {
        Path file = null;
        try {
            file = Files.createTempFile("dmio-probe", null);
            Files.write(file, new byte[BYTES]);
            Mono.usingWhen(engine.open(file, OpenOptions.readWrite()), EngineProbe::operations, BlockDevice::close)
                    .block(PATIENCE);
            return "a write, a vectored read, a flush and a hole worked on " + file.getParent();
        } catch (IOException | RuntimeException failed) {
            throw new UnsupportedOperationException(
                    engine.name() + " was probed with a temporary file and failed: " + failed.getMessage(), failed);
        } finally {
            remove(file);
        }
    }

    private static Mono<Void> operations(BlockDevice device) {
        return Mono.using(
                () -> PagePool.shared().allocate(BYTES).setZero(0, BYTES).setByte(Sectors.PAGE_BYTES, 42),
                written -> Mono.using(
                        () -> PageList.allocate(2), read -> operations(device, written, read), PageList::release),
                ByteBuf::release);
    }

    private static Mono<Void> operations(BlockDevice device, ByteBuf written, PageList read) {
        Mono<Void> hole = device.info().can(Capability.DISCARD)
                ? device.submit(new BlockOp.Discard(0, BYTES / Sectors.BYTES))
                : Mono.empty();
        return device.submit(new BlockOp.Write(0, written, false))
                .then(device.submit(new BlockOp.Flush()))
                .then(Mono.using(
                        () -> read.retainedView(0, BYTES),
                        into -> device.submit(new BlockOp.Read(0, into)),
                        ByteBuf::release))
                .then(Mono.<Void>fromRunnable(() -> {
                    if (read.pages().get(1).getByte(0) != 42) {
                        throw new IllegalStateException("what was read is not what was written");
                    }
                }))
                .then(hole);
    }

    private static void remove(@Nullable Path file) {
        if (file == null) {
            return;
        }
        try {
            Files.deleteIfExists(file);
        } catch (IOException left) {
            // An empty file of two pages in the temporary directory.
        }
    }
}
