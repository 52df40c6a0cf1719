package io.dmio.examples;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.IoRegion;
import io.dmio.engine.IoEngine;
import io.dmio.engine.OpenOptions;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import reactor.core.publisher.Mono;

/** Open, use, close: {@code usingWhen} closes the disk on success, failure and cancel alike. */
public final class ChecksumOfADisk {

    private ChecksumOfADisk() {}

    /**
     * Reads all of a disk and computes its checksum.
     *
     * @param engine opens it
     * @param path a file or a block device
     * @param client with pages
     * @return the CRC-32C of its bytes; errors with a {@link io.dmio.DeviceException} if it cannot be opened or read
     */
    public static Mono<Long> run(IoEngine engine, Path path, DmIo client) {
        return Mono.usingWhen(
                engine.open(path, OpenOptions.readOnly()),
                disk -> client.read(IoRegion.all(disk), 64)
                        .reduceWith(CRC32C::new, ChecksumOfADisk::add)
                        .map(CRC32C::getValue),
                BlockDevice::close);
    }

    private static CRC32C add(CRC32C sum, ByteBuf buffer) {
        for (ByteBuffer part : buffer.nioBuffers()) {
            sum.update(part);
        }
        buffer.release(); // a stream's subscriber owns its buffers
        return sum;
    }
}
