package io.dmio.examples;

import io.dmio.DmIo;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.StreamOptions;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Compresses a stream on its way to several disks, by an operator in the middle that backpressure passes. */
public final class CompressAndMirror {

    private CompressAndMirror() {}

    /**
     * Compresses and mirrors.
     *
     * @param client with pages
     * @param legs where the gzip file goes, from sector 0 on; its last block is filled up with zeroes, which gunzip ignores
     * @param plain the bytes; each buffer is released here
     * @return bit <i>i</i> if leg <i>i</i> failed
     */
    public static Mono<ErrorBits> run(DmIo client, List<IoRegion> legs, Flux<ByteBuf> plain) {
        return client.write(legs, plain.transform(CompressAndMirror::gzip), StreamOptions.NONE.withPadding());
    }

    /**
     * Compresses.
     *
     * @param plain the bytes; each buffer is released here
     * @return the gzip file's bytes
     */
    public static Flux<ByteBuf> gzip(Flux<ByteBuf> plain) {
        return Flux.defer(() -> {
            Gzip gzip = new Gzip(); // one for each subscription
            return plain.map(gzip::add).concatWith(Mono.fromSupplier(gzip::end)).filter(ByteBuf::isReadable);
        });
    }

    private static final class Gzip {
        private final ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        private final GZIPOutputStream deflater;

        Gzip() {
            try {
                deflater = new GZIPOutputStream(compressed);
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible); // it writes to memory
            }
        }

        ByteBuf add(ByteBuf plain) {
            try {
                plain.readBytes(deflater, plain.readableBytes());
                return taken();
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            } finally {
                plain.release();
            }
        }

        ByteBuf end() {
            try {
                deflater.close();
                return taken();
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            }
        }

        private ByteBuf taken() {
            ByteBuf ready = Unpooled.wrappedBuffer(compressed.toByteArray());
            compressed.reset();
            return ready;
        }
    }
}
