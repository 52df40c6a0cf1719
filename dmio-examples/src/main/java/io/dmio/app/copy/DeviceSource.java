package io.dmio.app.copy;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.IoRegion;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.dmio.VmBuffer;
import io.dmio.app.cli.Engine;
import io.dmio.app.cli.Sizes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A file or disk as a source. A device has only whole blocks, so the odd bytes at a file's end are kept separately.
 *
 * @param device all whole blocks; not closed here
 * @param bytes how many bytes to take, at most those of device and tail
 * @param tail the bytes after the device's last block
 */
public record DeviceSource(BlockDevice device, long bytes, ByteBuf tail) implements ByteSource {

    /**
     * Returns a source of all of a device.
     *
     * @param device the source
     */
    static DeviceSource of(BlockDevice device) {
        return new DeviceSource(device, Engine.bytes(device), Unpooled.EMPTY_BUFFER);
    }

    /**
     * Returns a source of a file of any length.
     *
     * @param device the file's whole blocks
     * @param file the file, whose tail is read at once
     * @param bytes how many to take
     */
    public static DeviceSource ofFile(BlockDevice device, Path file, long bytes) throws IOException {
        long whole = device.info().bytes();
        ByteBuffer tail = ByteBuffer.allocate((int) Math.max(0, bytes - whole));
        try (FileChannel channel = FileChannel.open(file)) {
            while (tail.hasRemaining()) {
                if (channel.read(tail, whole + tail.position()) < 0) {
                    throw new IOException("it became shorter while it was opened");
                }
            }
        }
        return new DeviceSource(device, bytes, Unpooled.wrappedBuffer(tail.array()));
    }

    @Override
    public String name() {
        return device.info().name();
    }

    @Override
    public Flux<ByteBuf> chunks(DmIo client, int chunkBytes, int alignBytes) {
        long full = Math.min(bytes, device.info().bytes()) / chunkBytes * chunkBytes;
        Flux<ByteBuf> chunks = full == 0
                ? Flux.empty()
                : client.read(new IoRegion(device, 0, full / Sectors.BYTES), chunkBytes / Sectors.PAGE_BYTES);
        return full == bytes ? chunks : chunks.concatWith(last(client, full, alignBytes));
    }

    /** Returns the SHA-256 of the whole source. */
    Mono<String> sha256(DmIo client) {
        int pages = Sha256.pages(client);
        return Sha256.of(chunks(client, pages * Sectors.PAGE_BYTES, Sectors.PAGE_BYTES), bytes);
    }

    /** Returns the rest: blocks of the device, then the tail, then zeroes. */
    Mono<ByteBuf> last(DmIo client, long from, int alignBytes) {
        int length = (int) (bytes - from);
        int block = device.info().logicalBlockBytes();
        long onDevice = Math.min(Sizes.roundUp(length, block), device.info().bytes() - from);
        return Mono.defer(() -> {
            ByteBuf rest = PagePool.shared().allocate((int) Sizes.roundUp(length, Math.max(alignBytes, block)));
            IoRegion region = new IoRegion(device, from / Sectors.BYTES, onDevice / Sectors.BYTES);
            return client.read(region, VmBuffer.of(rest))
                    .map(failed -> {
                        failed.cause(0).ifPresent(cause -> {
                            throw cause;
                        });
                        int beside = (int) Math.max(0, length - onDevice);
                        rest.setBytes((int) onDevice, tail, 0, beside).setZero(length, rest.capacity() - length);
                        return rest.setIndex(0, length);
                    })
                    .doOnError(failed -> rest.release());
        });
    }
}
