package io.dmio;

import io.dmio.concurrent.RangeLock;
import io.dmio.concurrent.TurnQueue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.channels.SeekableByteChannel;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;

/**
 * Byte access to a region, at any position and of any length, for callers that think of a file rather than of sectors. Partial blocks are
 * read, changed and written back. Two writes through one object that share a block wait for each other, and other writes run at once. A
 * read that runs beside a write of the same bytes sees some of the old and some of the new ones. Use one object per region: it does not
 * wait for writes made at the same time in another way or through another object, and such a write may be lost where it shares a block.
 *
 * <p>The length is fixed. Requests take the client's pages, so memory stays bounded; a block at each end that is read and changed comes
 * on top. The object keeps nothing open and need not be closed. Safe for use from any thread; signals come on the client's threads.
 */
public final class DeviceBytes {

    /** The most writes of one object that have begun or wait for each other. */
    private static final int WRITES_MAX = 1024;

    private static final long READ_BYTES_MAX = Integer.MAX_VALUE / Sectors.PAGE_BYTES * (long) Sectors.PAGE_BYTES;

    private final DmIo client;
    private final IoRegion region;
    private final int blockBytes;
    private final RangeLock locks = new RangeLock(new TurnQueue());
    private final AtomicInteger writes = new AtomicInteger();

    private DeviceBytes(DmIo client, IoRegion region) {
        this.client = Objects.requireNonNull(client, "client");
        this.region = Objects.requireNonNull(region, "region");
        this.blockBytes = region.device().info().logicalBlockBytes();
        long unit = Sectors.ofBytes(blockBytes);
        if (region.sector() % unit != 0 || region.count() % unit != 0) {
            throw new IllegalArgumentException("region of sectors [" + region.sector() + ", " + region.end()
                    + ") is not whole blocks of " + blockBytes + " bytes");
        }
    }

    /**
     * Returns byte access to a region.
     *
     * @param client the client that reads and writes, within its pages
     * @param region the region, whole blocks; {@link IoRegion#all} for a whole device
     * @return the object, to be kept as long as the region is written
     * @throws IllegalArgumentException if the region is not whole blocks
     */
    public static DeviceBytes of(DmIo client, IoRegion region) {
        return new DeviceBytes(client, region);
    }

    /**
     * Returns the length of the region.
     *
     * @return the length in bytes
     */
    public long size() {
        return region.bytes();
    }

    /**
     * Reads a range of bytes.
     *
     * @param position the position of the first byte, from 0
     * @param bytes how many; 0 is allowed, and then nothing is asked of the device
     * @return a Mono of a buffer of exactly that many bytes, all readable, which the subscriber releases. Errors with a
     *     {@link DeviceException} if the bytes cannot be read, and as {@link DmIo#read(IoRegion, int)} does. Cold; memory is taken when
     *     the pages are granted, and after a cancel it is given back when the device has answered. A buffer that meets the cancel on its
     *     way goes to Reactor's hook for dropped values, as it does behind any operator
     * @throws IllegalArgumentException if the bytes are not inside the region, or too many for one buffer
     */
    public Mono<ByteBuf> read(long position, int bytes) {
        require(position, bytes);
        if (bytes == 0) {
            return Mono.just(Unpooled.EMPTY_BUFFER);
        }
        long first = position / blockBytes;
        long blocks = (position + bytes - 1) / blockBytes + 1 - first;
        IoRegion whole = blocks(first, blocks);
        if (whole.bytes() > READ_BYTES_MAX) {
            throw new IllegalArgumentException(bytes + " bytes at " + position + " are too many for one buffer");
        }
        int skip = (int) (position - first * blockBytes);
        int pages = (int) Sectors.pagesOf(whole.bytes());
        // A stream of one buffer: its memory is taken when the pages
        // are granted, and has one owner even if a cancel meets it.
        return client.read(whole, pages)
                .next()
                .map(buffer -> buffer.slice(skip, bytes).setIndex(0, bytes));
    }

    /**
     * Writes a range of bytes. They are durable after a {@link #flush}.
     *
     * @param position where the first byte goes, from 0
     * @param from the buffer whose readable bytes are written, as its indexes are at the time of the call; it may be empty, and then
     *     nothing is asked of the device. Borrowed: its indexes and reference count stay as they are, and its bytes must stay unchanged
     *     until the Mono ends or, after a cancel, until the client is {@linkplain DmIo#put idle}
     * @return a Mono that completes when the bytes are written. Errors with a {@link DeviceException} if they are not, and as
     *     {@link DmIo#write(java.util.List, IoMemory)} does; the content of the blocks that they touch is undefined then. Errors with an
     *     overflow ({@link Exceptions#isOverflow}) if 1,024 writes of this object are under way, and nothing is written. Cold; a cancel
     *     withdraws a write that waits for others, and a write that has begun runs to its end
     * @throws IllegalArgumentException if the bytes are not inside the region
     */
    public Mono<Void> write(long position, ByteBuf from) {
        int bytes = Objects.requireNonNull(from, "from").readableBytes();
        int index = from.readerIndex();
        require(position, bytes);
        return bytes == 0
                ? Mono.empty()
                : Mono.create(sink -> new ByteWrite(this, position, sink).start(from, index, bytes));
    }

    /**
     * Makes earlier writes durable.
     *
     * @return a Mono that completes when they are durable; errors with a {@link DeviceException} if they may not be, and as
     *     {@link DmIo#flush} does
     */
    public Mono<Void> flush() {
        return client.flush(List.of(region)).flatMap(DeviceBytes::toSignal);
    }

    /**
     * Returns a blocking channel over the region, for JDK code: {@link java.nio.channels.Channels} makes streams of it. At the end of the
     * region, reads report the end, and writes fail with an {@link java.io.IOException}, as they do for every other failure. The channel
     * cannot be truncated. Closing it flushes if it has written, and does not close the device. It is for one thread at a time, which
     * must be allowed to block: on any other thread it throws {@link IllegalStateException} and does nothing. An interrupt ends the
     * waiting with an {@link java.io.InterruptedIOException}: I/O that has begun runs to its end, and does not use the caller's memory.
     *
     * @return the channel, at position 0
     */
    public SeekableByteChannel channel() {
        return new DeviceChannel(this);
    }

    private void require(long position, int bytes) {
        if (bytes < 0 || position < 0 || position > size() - bytes) {
            throw new IllegalArgumentException(
                    bytes + " bytes at " + position + " are not inside a region of " + size() + " bytes");
        }
    }

    static Mono<Void> toSignal(ErrorBits bits) {
        return Mono.justOrEmpty(bits.cause(0)).flatMap(Mono::error);
    }

    DmIo client() {
        return client;
    }

    int blockBytes() {
        return blockBytes;
    }

    void enterWrite() {
        if (writes.incrementAndGet() > WRITES_MAX) {
            writes.decrementAndGet();
            throw Exceptions.failWithOverflow(WRITES_MAX + " writes are under way; limit the concurrency of flatMap");
        }
    }

    void leaveWrite() {
        writes.decrementAndGet();
    }

    RangeLock locks() {
        return locks;
    }

    /** Returns some blocks of the region, counted from its start. */
    IoRegion blocks(long first, long count) {
        long unit = Sectors.ofBytes(blockBytes);
        return region.slice(first * unit, count * unit);
    }
}
