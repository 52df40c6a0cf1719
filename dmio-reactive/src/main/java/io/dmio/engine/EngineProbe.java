package io.dmio.engine;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.PageList;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import reactor.core.publisher.Mono;

/**
 * Tries an engine's own operations on a temporary file: a write, a vectored read, a flush, and giving space back. What a library says is
 * available need not be what a container's seccomp filter lets through. Blocks.
 */
final class EngineProbe {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int BYTES = 2 * Sectors.PAGE_BYTES;

    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private EngineProbe() {}

    /**
     * Tries the operations.
     *
     * @return what worked, for people
     * @throws UnsupportedOperationException if one did not work
     */
    static String of(IoEngine engine) {
        Path directory = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
        // Not the JDK's own temporary name: for that the JDK loads all of its cryptography. The name need not be hard
        // to guess, as the file must be new.
        Path file = directory.resolve(
                "dmio-probe" + Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), Character.MAX_RADIX));
        try {
            make(file);
            Mono.usingWhen(engine.open(file, OpenOptions.readWrite()), EngineProbe::operations, BlockDevice::close)
                    .block(PATIENCE);
            return "a write, a vectored read, a flush and a hole worked on " + directory;
        } catch (IOException | RuntimeException failed) {
            throw new UnsupportedOperationException(
                    engine.name() + " was probed with a temporary file and failed: " + failed.getMessage(), failed);
        } finally {
            remove(file);
        }
    }

    // Made by the JDK: an engine creates files by jnr-posix, which would be loaded here for nothing else.
    private static void make(Path file) throws IOException {
        Set<StandardOpenOption> anew = EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (SeekableByteChannel made = Files.newByteChannel(file, anew, OWNER_ONLY)) {
            made.write(ByteBuffer.allocate(BYTES));
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

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException left) {
            // An empty file of two pages in the temporary directory.
        }
    }
}
