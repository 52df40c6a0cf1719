package io.dmio.app.copy;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.IoRegion;
import io.dmio.Sectors;
import io.dmio.app.cli.Sizes;
import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** SHA-256 of a sequence of buffers. Not thread-safe; a stream's signals are one after the other. */
public final class Sha256 {

    private static final int PAGES_MAX = 256;

    private final MessageDigest digest = digest();
    private @Nullable String hex;

    /** Adds a buffer's readable bytes; its indexes stay. */
    void update(ByteBuf bytes) {
        for (ByteBuffer part : bytes.nioBuffers()) {
            digest.update(part);
        }
    }

    /** Returns the sum of everything, which ends the computation. */
    String hex() {
        if (hex == null) {
            hex = HexFormat.of().formatHex(digest.digest());
        }
        return hex;
    }

    /**
     * Computes the sum of a device's first bytes.
     *
     * @param client reads within its budget
     * @param device what is read
     * @param bytes how many, at most what the device has
     * @return the sum; errors with a {@link io.dmio.DeviceException} if the device cannot be read
     */
    public static Mono<String> of(DmIo client, BlockDevice device, long bytes) {
        long read = Sizes.roundUp(bytes, device.info().logicalBlockBytes());
        return of(
                read == 0 ? Flux.empty() : client.read(new IoRegion(device, 0, read / Sectors.BYTES), pages(client)),
                bytes);
    }

    /**
     * Computes the sum of a stream's first bytes.
     *
     * @param buffers released here
     * @param bytes how many, at most what the stream has
     */
    public static Mono<String> of(Flux<ByteBuf> buffers, long bytes) {
        return Mono.defer(() -> {
            Sha256 sum = new Sha256();
            long[] left = {bytes};
            return buffers.publishOn(Schedulers.boundedElastic(), 2)
                    .doOnNext(buffer -> {
                        int length = (int) Math.min(left[0], buffer.readableBytes());
                        sum.update(buffer.slice(buffer.readerIndex(), length));
                        left[0] -= length;
                        buffer.release();
                    })
                    .doOnDiscard(ByteBuf.class, ReferenceCountUtil::safeRelease)
                    .then(Mono.fromSupplier(sum::hex));
        });
    }

    /** Returns the pages of a part that is read at once: a quarter of the budget, so that reading and hashing overlap. */
    static int pages(DmIo client) {
        return Math.min(Math.max(client.budget().capacity() / 4, 1), PAGES_MAX);
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every Java platform has it
        }
    }
}
