package io.dmio.examples;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A write-ahead log on any device, such as a mirror: what was appended is found after a power cut, until it is truncated, which gives its
 * space back. Records that come while something is written wait, and are then written together, with one write and one flush. Safe for many
 * threads. The device stays the caller's, and is for one log at a time.
 */
public final class WriteAheadLog {

    /** {@code crc:4 | length:4 | number:8 | life:8 | bytes}, filled up to whole blocks. The checksum continues from the record before. */
    private static final int HEAD_BYTES = 24;

    private static final int RECORD_BYTES_MAX = 1 << 16;
    private static final int WAITING_MAX = 256;

    private final LogDisk disk;
    private final NavigableMap<Long, byte[]> recovered = new TreeMap<>();
    private List<Waiting> waiting = new ArrayList<>(); // guarded by this
    private boolean writing; // guarded by this
    private @Nullable Throwable broken; // guarded by this

    // These belong to whoever is writing.
    private final Deque<Mark> marks = new ArrayDeque<>(); // of the records that are there
    private LogDisk.Head head;
    private long life; // each opening has its own, so no record of an earlier one follows what is written now
    private long end; // where the next record goes
    private long number; // of the last record
    private int checksum;

    private WriteAheadLog(LogDisk disk, LogDisk.Head head) {
        this.disk = disk;
        this.head = head;
        this.end = head.at();
        this.number = head.number();
        this.checksum = head.checksum();
    }

    /** A durable record: its number, where it ends, and its checksum. */
    private record Mark(long number, long end, int checksum) {}

    /** A record to be appended, or, without a record, the number up to which to truncate. */
    private record Waiting(@Nullable ByteBuffer record, long upTo, Sinks.One<Long> done) {}

    /**
     * Opens the log of a device, or begins one if there is none.
     *
     * @param io with pages for the largest group of records
     * @param device the device, all of which is the log; zeroed if it is new
     * @return a Mono of the log, which goes on after the last record that is whole
     */
    public static Mono<WriteAheadLog> open(DmIo io, BlockDevice device) {
        return Mono.defer(() -> {
                    LogDisk disk = new LogDisk(io, device);
                    return disk.head().map(head -> new WriteAheadLog(disk, head));
                })
                .flatMap(log -> Mono.defer(log::next)
                        .repeat()
                        .takeWhile(found -> found)
                        .then(log.begin())
                        .thenReturn(log));
    }

    /**
     * Returns the records that were found when the log was opened.
     *
     * @return the records by their numbers, in the order in which they were appended
     */
    public NavigableMap<Long, byte[]> recovered() {
        return Collections.unmodifiableNavigableMap(recovered);
    }

    /**
     * Appends a record. After any error other than ENOSPC it is not known what is on the device: the log refuses more, and has to be opened
     * again.
     *
     * @param record 1 byte to 64 KiB, copied at once
     * @return a Mono of the record's number, one more than the last one's, when it is durable; errors with ENOSPC if there is no space for
     *     it, and then it is not there; with an overflow if too many wait
     */
    public Mono<Long> append(byte[] record) {
        if (record.length == 0 || record.length > RECORD_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "a record has 1 to " + RECORD_BYTES_MAX + " bytes, not " + record.length);
        }
        ByteBuffer copy = ByteBuffer.wrap(record.clone());
        return Mono.defer(() -> inTurn(new Waiting(copy, 0, Sinks.one())));
    }

    /**
     * Forgets the oldest records; their space is used again.
     *
     * @param upTo the number of the last record that is no longer needed
     * @return a Mono that completes when none of them can come back; errors as {@link #append}
     */
    public Mono<Void> truncate(long upTo) {
        return Mono.defer(() -> inTurn(new Waiting(null, upTo, Sinks.one()))).then();
    }

    private Mono<Long> inTurn(Waiting one) {
        synchronized (this) {
            if (waiting.size() == WAITING_MAX) {
                return Mono.error(Exceptions.failWithOverflow(WAITING_MAX + " records wait to be written"));
            }
            waiting.add(one);
        }
        commit();
        return one.done.asMono();
    }

    private void commit() {
        List<Waiting> group;
        synchronized (this) {
            if (writing || waiting.isEmpty()) {
                return; // the thread that is writing comes back for the rest
            }
            writing = true;
            group = waiting;
            waiting = new ArrayList<>();
        }
        List<Runnable> told = new ArrayList<>();
        write(group, told)
                .subscribe(
                        done -> {},
                        error -> ended(
                                error,
                                group.stream()
                                        .<Runnable>map(one -> () -> one.done.tryEmitError(error))
                                        .toList()),
                        () -> ended(null, told));
    }

    /** Truncates first, so that the records find space. */
    private Mono<Void> write(List<Waiting> group, List<Runnable> told) {
        return Mono.defer(() -> {
            Throwable before = broken();
            if (before != null) {
                return Mono.error(before);
            }
            return forget(group, told).then(Mono.defer(() -> add(group, told)));
        });
    }

    private Mono<Void> forget(List<Waiting> group, List<Runnable> told) {
        Mark last = null;
        for (Waiting one : group) {
            if (one.record == null) {
                told.add(() -> one.done.tryEmitEmpty());
                while (!marks.isEmpty() && marks.getFirst().number <= one.upTo) {
                    last = marks.removeFirst();
                }
            }
        }
        if (last == null) {
            return Mono.empty();
        }
        LogDisk.Head next = head.next(last.end, last.number, last.checksum);
        return disk.put(next).doOnSuccess(durable -> head = next); // only now is the space free
    }

    private Mono<Void> add(List<Waiting> group, List<Runnable> told) {
        long from = end;
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        List<Mark> added = new ArrayList<>();
        for (Waiting one : group) {
            if (one.record == null) {
                continue;
            }
            if (padded(one.record.remaining()) > left()) {
                told.add(() -> one.done.tryEmitError(disk.full()));
                continue;
            }
            records.writeBytes(encoded(one.record));
            Mark mark = new Mark(number, end, checksum);
            added.add(mark);
            told.add(() -> one.done.tryEmitValue(mark.number));
        }
        return added.isEmpty()
                ? Mono.empty()
                : disk.write(from, records.toByteArray()).doOnSuccess(durable -> marks.addAll(added));
    }

    private void ended(@Nullable Throwable error, List<Runnable> told) {
        synchronized (this) {
            writing = false;
            broken = error;
        }
        told.forEach(Runnable::run);
        commit();
    }

    private synchronized @Nullable Throwable broken() {
        return broken;
    }

    /** Starts a life of its own; once that is durable, so is all that was found. */
    private Mono<Void> begin() {
        return Mono.defer(() -> {
            LogDisk.Head next = head.next(head.at(), head.number(), head.checksum());
            return disk.put(next).doOnSuccess(durable -> {
                head = next;
                life = next.generation();
            });
        });
    }

    private byte[] encoded(ByteBuffer record) {
        int length = record.remaining();
        ByteBuffer bytes = ByteBuffer.allocate(padded(length));
        bytes.putInt(4, length).putLong(8, number + 1).putLong(16, life);
        bytes.put(HEAD_BYTES, record, record.position(), length);
        bytes.putInt(0, crc(bytes, length));
        passed(bytes);
        return bytes.array();
    }

    private void passed(ByteBuffer record) {
        checksum = record.getInt(0);
        number = record.getLong(8);
        end += record.capacity();
    }

    /** Takes the next record if it is whole: its length is possible, and its checksum is that of its bytes and all before it. */
    private Mono<Boolean> next() {
        if (left() < disk.blockBytes()) {
            return Mono.just(false);
        }
        return disk.read(end, disk.blockBytes()).flatMap(first -> {
            int length = first.getInt(4);
            boolean possible = length > 0 && length <= RECORD_BYTES_MAX && padded(length) <= left();
            return possible ? disk.read(end, padded(length)).map(record -> taken(record, length)) : Mono.just(false);
        });
    }

    private boolean taken(ByteBuffer record, int length) {
        if (crc(record, length) != record.getInt(0)) {
            return false;
        }
        passed(record);
        marks.add(new Mark(number, end, checksum));
        byte[] bytes = new byte[length];
        record.get(HEAD_BYTES, bytes);
        recovered.put(number, bytes);
        return true;
    }

    private int crc(ByteBuffer record, int length) {
        CRC32C crc = new CRC32C();
        crc.update(
                ByteBuffer.allocate(12).putInt(0, checksum).putLong(4, end)); // nor does one of an earlier round follow
        crc.update(record.slice(4, HEAD_BYTES - 4 + length));
        return (int) crc.getValue();
    }

    private int padded(int recordBytes) {
        int block = disk.blockBytes();
        return (HEAD_BYTES + recordBytes + block - 1) / block * block;
    }

    private long left() {
        return disk.ringBytes() - (end - head.at());
    }
}
