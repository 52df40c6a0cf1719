package io.dmio.examples;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.DeviceFallback;
import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The place of a {@link WriteAheadLog} on a device: two blocks that say in turn where its records begin, and a ring of blocks for the
 * records. Places in the ring are bytes counted from the first one ever written, so they only grow; whole blocks are written there, around
 * the end.
 */
final class LogDisk {

    /** {@code crc:4 | magic:4 | generation:8 | at:8 | number:8 | checksum:4}, twice: a power cut tears only the one that is being written. */
    private static final int HEAD_BYTES = 36;

    private static final int MAGIC = 0x57414c31; // WAL1

    private final DmIo io;
    private final BlockDevice device;
    private final int blockBytes;
    private final long ringBytes;

    LogDisk(DmIo io, BlockDevice device) {
        this.io = io;
        this.device = DeviceFallback.of(device); // so that a device with nothing to flush is fine
        this.blockBytes = device.info().logicalBlockBytes();
        this.ringBytes = device.info().bytes() - 2L * blockBytes;
    }

    /**
     * The head: where the records begin.
     *
     * @param generation one more each time
     * @param at the place of the first record
     * @param number of the record before it
     * @param checksum of the record before it
     */
    record Head(long generation, long at, long number, int checksum) {

        Head next(long newAt, long newNumber, int newChecksum) {
            return new Head(generation + 1, newAt, newNumber, newChecksum);
        }
    }

    int blockBytes() {
        return blockBytes;
    }

    long ringBytes() {
        return ringBytes;
    }

    DeviceException full() {
        return DeviceException.of(Errno.ENOSPC, device.info().name(), "the log is full: truncate it");
    }

    /** Reads the newer of the two heads that are whole; on a new device, which has zeroes in their places, returns the first one. */
    Mono<Head> head() {
        if (ringBytes < blockBytes) {
            return Mono.error(DeviceException.of(Errno.ENOSPC, device.info().name(), "too small for a log"));
        }
        return Mono.zip(readHead(0), readHead(1)).flatMap(both -> {
            ByteBuffer newest = both.getT1();
            if (!isWhole(newest) || (isWhole(both.getT2()) && generation(both.getT2()) > generation(newest))) {
                newest = both.getT2();
            }
            if (isWhole(newest)) {
                return Mono.just(
                        new Head(generation(newest), newest.getLong(16), newest.getLong(24), newest.getInt(32)));
            }
            boolean isNew = isZero(both.getT1()) || isZero(both.getT2());
            Head first = new Head(1, 0, 0, 0);
            return isNew ? put(first).thenReturn(first) : Mono.error(noHead());
        });
    }

    /** Replaces the older head, and completes when the new one is durable. */
    Mono<Void> put(Head head) {
        ByteBuffer bytes = ByteBuffer.allocate(blockBytes);
        bytes.putInt(4, MAGIC).putLong(8, head.generation).putLong(16, head.at);
        bytes.putLong(24, head.number).putInt(32, head.checksum);
        bytes.putInt(0, crc(bytes));
        return durably(List.of(new Part(slot(head.generation), bytes)));
    }

    /** Writes whole blocks to the ring, and completes when they are durable. */
    Mono<Void> write(long at, byte[] bytes) {
        return durably(parts(at, bytes));
    }

    /** Reads whole blocks of the ring. */
    Mono<ByteBuffer> read(long at, int bytes) {
        byte[] into = new byte[bytes];
        return Flux.fromIterable(parts(at, into))
                .concatMap(part -> io.read(part.where, VmBuffer.of(part.bytes)).flatMap(ErrorBits::orError))
                .then(Mono.fromSupplier(() -> ByteBuffer.wrap(into)));
    }

    private Mono<Void> durably(List<Part> parts) {
        return Flux.fromIterable(parts)
                .concatMap(part ->
                        io.write(List.of(part.where), VmBuffer.of(part.bytes)).flatMap(ErrorBits::orError))
                .then(io.flush(List.of(parts.get(0).where)))
                .flatMap(ErrorBits::orError);
    }

    /** Returns the parts of a range; a range around the end of the ring has two. */
    private List<Part> parts(long at, byte[] bytes) {
        List<Part> parts = new ArrayList<>(2);
        for (int done = 0; done < bytes.length; ) {
            long from = (at + done) % ringBytes;
            int length = (int) Math.min(bytes.length - done, ringBytes - from);
            IoRegion where = new IoRegion(device, (2L * blockBytes + from) / 512, length / 512);
            parts.add(new Part(where, ByteBuffer.wrap(bytes, done, length).slice()));
            done += length;
        }
        return parts;
    }

    private Mono<ByteBuffer> readHead(long generation) {
        byte[] into = new byte[blockBytes];
        return io.read(slot(generation), VmBuffer.of(into))
                .flatMap(ErrorBits::orError)
                .then(Mono.fromSupplier(() -> ByteBuffer.wrap(into)));
    }

    private IoRegion slot(long generation) {
        int sectors = blockBytes / 512;
        return new IoRegion(device, generation % 2 * sectors, sectors);
    }

    private static boolean isWhole(ByteBuffer head) {
        return head.getInt(4) == MAGIC && head.getInt(0) == crc(head);
    }

    private static boolean isZero(ByteBuffer head) {
        return head.equals(ByteBuffer.allocate(head.capacity()));
    }

    private static long generation(ByteBuffer head) {
        return head.getLong(8);
    }

    private static int crc(ByteBuffer head) {
        CRC32C crc = new CRC32C();
        crc.update(head.slice(4, HEAD_BYTES - 4));
        return (int) crc.getValue();
    }

    private DeviceException noHead() {
        return DeviceException.of(
                Errno.EBADMSG,
                device.info().name(),
                "there is no log: neither of its two first blocks is whole, or zero");
    }

    /** Some bytes, and the sectors that hold them. */
    private record Part(IoRegion where, ByteBuffer bytes) {}
}
