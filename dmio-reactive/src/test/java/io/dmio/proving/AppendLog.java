package io.dmio.proving;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Records on a device, one behind the other. One that was appended is found after a power cut. One at a time. */
final class AppendLog {

    /** {@code crc:8 | length:4 | text}, in four sectors. */
    private static final int RECORD_SECTORS = 4;

    private static final int RECORD_BYTES = RECORD_SECTORS * 512;
    private static final int HEAD_BYTES = 12;

    private final BlockDevice device;
    private long count;

    AppendLog(BlockDevice device) {
        this.device = device;
    }

    /** Completes when the record is durable. */
    Mono<Void> append(String text) {
        return Mono.defer(() -> device.submit(new BlockOp.Write(count * RECORD_SECTORS, record(text), false))
                .then(device.submit(new BlockOp.Flush()))
                .doOnSuccess(done -> count++));
    }

    /** What is there, up to the first record that does not prove itself. */
    static Mono<List<String>> recover(BlockDevice device) {
        return Flux.range(0, (int) (device.info().sectorCount() / RECORD_SECTORS))
                .concatMap(index -> read(device, index))
                .takeWhile(Optional::isPresent)
                .map(Optional::orElseThrow)
                .collectList();
    }

    private static Mono<Optional<String>> read(BlockDevice device, int index) {
        return Mono.defer(() -> {
            ByteBuf record = Unpooled.wrappedBuffer(new byte[RECORD_BYTES]);
            return device.submit(new BlockOp.Read((long) index * RECORD_SECTORS, record))
                    .then(Mono.fromSupplier(() -> text(record)));
        });
    }

    private static ByteBuf record(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteBuf record = Unpooled.wrappedBuffer(new byte[RECORD_BYTES]);
        record.setInt(8, bytes.length).setBytes(HEAD_BYTES, bytes);
        return record.setLong(0, crc(record));
    }

    private static Optional<String> text(ByteBuf record) {
        int length = record.getInt(8);
        boolean proves = length > 0 && length <= RECORD_BYTES - HEAD_BYTES && record.getLong(0) == crc(record);
        return proves ? Optional.of(record.toString(HEAD_BYTES, length, StandardCharsets.UTF_8)) : Optional.empty();
    }

    private static long crc(ByteBuf record) {
        CRC32 crc = new CRC32();
        crc.update(record.nioBuffer(8, RECORD_BYTES - 8));
        return crc.getValue();
    }
}
