package io.dmio.examples;

import io.dmio.BlockDevice;
import io.dmio.DeviceBytes;
import io.dmio.DmIo;
import io.dmio.IoRegion;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.util.concurrent.Flow;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.publisher.Mono;

/** For code that knows no sectors: bytes at a position, streams of the JDK, and {@link java.util.concurrent.Flow}. */
public final class BytesAndStreams {

    private BytesAndStreams() {}

    /**
     * Changes a few bytes.
     *
     * @param bytes the bytes of a region or a device
     * @param position where the bytes go
     * @param from borrowed until the Mono ends
     * @return a Mono that completes when they are durable
     */
    public static Mono<Void> change(DeviceBytes bytes, long position, ByteBuf from) {
        return bytes.write(position, from) // the rest of a block stays as it was
                .then(bytes.flush());
    }

    /**
     * Saves a stream, on a thread that may block.
     *
     * @param client whose pages are used
     * @param device the device that gets the bytes, from its first byte on
     * @param from read to its end
     * @return how many bytes it had
     * @throws IOException if it cannot be read or written, or does not fit
     */
    public static long save(DmIo client, BlockDevice device, InputStream from) throws IOException {
        DeviceBytes bytes = DeviceBytes.of(client, IoRegion.all(device));
        try (OutputStream to = Channels.newOutputStream(bytes.channel())) {
            return from.transferTo(to); // closing it flushes
        }
    }

    /**
     * Reads a region for a library that knows only the JDK's reactive streams.
     *
     * @param client whose pages are used
     * @param region the region to read
     * @return buffers of 16 pages; the subscriber releases each
     */
    public static Flow.Publisher<ByteBuf> flow(DmIo client, IoRegion region) {
        return JdkFlowAdapter.publisherToFlowPublisher(client.read(region, 16));
    }
}
