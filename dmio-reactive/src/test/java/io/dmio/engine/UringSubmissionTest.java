package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.PagePool;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Which way the uring engine's files take: the ring, or threads where the ring would only hand the call to a worker. */
class UringSubmissionTest {

    @Test
    void aFileInMemoryIsCopiedByThreads() throws IOException {
        assertThat(threadThatCompletesOn(Path.of("/dev/shm"))).startsWith("dmio-uring-memory-");
    }

    @Test
    void aFileOnADiskGoesThroughTheRing() throws IOException {
        Path here = Path.of("target"); // of a checkout, which is on a disk nearly everywhere
        assumeTrue(!Files.getFileStore(here.toAbsolutePath()).type().equals("tmpfs"), "the checkout is in memory");
        assertThat(threadThatCompletesOn(here)).matches("dmio-uring-\\d+");
    }

    private static String threadThatCompletesOn(Path directory) throws IOException {
        assumeTrue(Files.isDirectory(directory), () -> directory + " is not here");
        Path file = Files.createTempFile(directory, "dmio-path", null);
        Files.write(file, new byte[4096]);
        BlockDevice device = UringHere.shared()
                .open(file, OpenOptions.readWrite())
                .blockOptional()
                .orElseThrow();
        ByteBuf page = PagePool.shared().allocate(4096);
        try {
            return device.submit(new BlockOp.Write(0, page, false))
                    .then(Mono.fromSupplier(() -> Thread.currentThread().getName()))
                    .blockOptional()
                    .orElseThrow();
        } finally {
            page.release();
            device.close().block();
            Files.delete(file);
        }
    }
}
