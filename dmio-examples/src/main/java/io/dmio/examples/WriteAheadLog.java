package io.dmio.examples;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A write-ahead log on any device, such as a mirror: what was appended is found after a power cut. Appends that come while one is being
 * written wait and go together, by one write and one flush. Safe for many threads; the device stays the caller's.
 */
public final class WriteAheadLog {

    /** {@code crc:4 | length:4 | sequence:8 | bytes}, filled up to whole blocks. The checksum goes on from the record before. */
    private static final int HEAD_BYTES = 16;

    private static final int RECORD_BYTES_MAX = 1 << 16;

    private final DmIo io;
    private final BlockDevice device;
    private final List<byte[]> recovered = new ArrayList<>();
    private List<Waiting> waiting = new ArrayList<>(); // guarded by this
    private boolean writing; // guarded by this
    private @Nullable Throwable broken; // guarded by this
    private long sector; // these three belong to whoever is writing
    private long sequence;
    private int checksum;

    private WriteAheadLog(DmIo io, BlockDevice device) {
        this.io = io;
        this.device = device;
    }

    /**
     * Opens the log of a device, or begins one where there is none.
     *
     * @param io with pages for the largest group of records
     * @param device all of which is the log; zeroed where it is new
     * @return the log, which goes on behind the last record that is whole
     */
    public static Mono<WriteAheadLog> open(DmIo io, BlockDevice device) {
        return Mono.defer(() -> {
            WriteAheadLog log = new WriteAheadLog(io, device);
            return Mono.defer(log::next)
                    .repeat()
                    .takeWhile(Optional::isPresent)
                    .then(log.begin())
                    .thenReturn(log);
        });
    }

    /**
     * The records that were found when it was opened.
     *
     * @return in the order in which they were appended
     */
    public List<byte[]> recovered() {
        return List.copyOf(recovered);
    }

    /**
     * Appends a record. After an error nobody knows what is on the device: the log refuses more, and is to be opened again.
     *
     * @param record at most 64 KiB, copied at once
     * @return completes when it is durable; ENOSPC when the device is full
     */
    public Mono<Void> append(byte[] record) {
        if (record.length == 0 || record.length > RECORD_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "a record has 1 to " + RECORD_BYTES_MAX + " bytes, not " + record.length);
        }
        ByteBuffer copy = ByteBuffer.wrap(record.clone());
        return Mono.defer(() -> {
            Waiting one = new Waiting(copy, Sinks.one());
            synchronized (this) {
                waiting.add(one);
            }
            commit();
            return one.durable.asMono();
        });
    }

    private void commit() {
        List<Waiting> group;
        synchronized (this) {
            if (writing || waiting.isEmpty()) {
                return; // who is writing comes back for the rest
            }
            writing = true;
            group = waiting;
            waiting = new ArrayList<>();
        }
        write(group).subscribe(done -> {}, error -> ended(group, error), () -> ended(group, null));
    }

    private Mono<Void> write(List<Waiting> group) {
        return Mono.defer(() -> {
            Throwable before = broken();
            if (before != null) {
                return Mono.error(before);
            }
            ByteArrayOutputStream records = new ByteArrayOutputStream();
            group.forEach(one -> records.writeBytes(encoded(one.record)));
            return writeThrough(records.toByteArray());
        });
    }

    private Mono<Void> writeThrough(byte[] bytes) {
        long sectors = bytes.length / 512;
        if (sectors > device.info().sectorCount() - sector) {
            return Mono.error(DeviceException.of(Errno.ENOSPC, device.info().name(), "the log is full"));
        }
        List<IoRegion> place = List.of(new IoRegion(device, sector, sectors));
        return io.write(place, VmBuffer.of(bytes))
                .flatMap(WriteAheadLog::succeeded)
                .then(io.flush(place))
                .flatMap(WriteAheadLog::succeeded)
                .doOnSuccess(done -> sector += sectors);
    }

    private void ended(List<Waiting> group, @Nullable Throwable error) {
        synchronized (this) {
            writing = false;
            broken = error;
        }
        for (Waiting one : group) {
            if (error == null) {
                one.durable.tryEmitEmpty();
            } else {
                one.durable.tryEmitError(error);
            }
        }
        commit();
    }

    private synchronized @Nullable Throwable broken() {
        return broken;
    }

    /** A first record of each opening, so that no record of an earlier one follows from what is written now. */
    private Mono<Void> begin() {
        return Mono.defer(() -> writeThrough(encoded(ByteBuffer.allocate(0))));
    }

    private byte[] encoded(ByteBuffer record) {
        int length = record.remaining();
        ByteBuffer bytes = ByteBuffer.allocate(padded(length));
        long number = length == 0 ? System.nanoTime() ^ sequence : ++sequence;
        bytes.putInt(4, length).putLong(8, number).put(HEAD_BYTES, record, record.position(), length);
        checksum = crc(bytes, length);
        return bytes.putInt(0, checksum).array();
    }

    /** Takes the next record if it is whole: its length possible, its checksum that of its bytes and of all before it. */
    private Mono<Optional<byte[]>> next() {
        return read(padded(0)).flatMap(head -> {
            int length = head.capacity() == 0 ? -1 : head.getInt(4);
            boolean possible = length >= 0 && length <= RECORD_BYTES_MAX;
            return possible ? read(padded(length)).map(record -> taken(record, length)) : Mono.just(Optional.empty());
        });
    }

    private Optional<byte[]> taken(ByteBuffer record, int length) {
        if (record.capacity() == 0 || crc(record, length) != record.getInt(0)) {
            return Optional.empty();
        }
        byte[] bytes = new byte[length];
        record.get(HEAD_BYTES, bytes);
        checksum = record.getInt(0);
        sector += record.capacity() / 512;
        if (length > 0) {
            sequence = record.getLong(8);
            recovered.add(bytes);
        }
        return Optional.of(bytes);
    }

    /** Reads what is next; an empty buffer where the device ends. */
    private Mono<ByteBuffer> read(int bytes) {
        if (bytes / 512 > device.info().sectorCount() - sector) {
            return Mono.just(ByteBuffer.allocate(0));
        }
        byte[] into = new byte[bytes];
        return io.read(new IoRegion(device, sector, bytes / 512), VmBuffer.of(into))
                .flatMap(WriteAheadLog::succeeded)
                .then(Mono.fromSupplier(() -> ByteBuffer.wrap(into)));
    }

    private int crc(ByteBuffer record, int length) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(4).putInt(0, checksum));
        crc.update(record.slice(4, HEAD_BYTES - 4 + length));
        return (int) crc.getValue();
    }

    private int padded(int recordBytes) {
        int block = device.info().logicalBlockBytes();
        return (HEAD_BYTES + recordBytes + block - 1) / block * block;
    }

    private static Mono<Void> succeeded(ErrorBits failed) {
        return failed.cause(0).map(Mono::<Void>error).orElseGet(Mono::empty);
    }

    private record Waiting(ByteBuffer record, Sinks.One<Void> durable) {}
}
