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
 * A region by bytes, at any position and of any length, for those who think of a file and not of sectors. What is no whole block is
 * read, changed and written back; two writes through one object that share a block wait for each other, and others run at once. A read
 * that runs beside a write of the same bytes sees some of the old and some of the new ones. Keep one object for a region: what is
 * written otherwise meanwhile, or through another one, is not waited for, and may be lost where it shares a block.
 *
 * <p>Its length is fixed. Requests take the client's pages, so memory stays bounded; a block at each end that is read and changed comes
 * on top. Nothing is kept open, and there is nothing to close. Safe from any thread; signals come where the client's do.
 */
public final class DeviceBytes {

    /** Writes of one object that have begun or wait for each other. */
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
     * A region by bytes.
     *
     * @param client reads and writes, within its pages
     * @param region {@link IoRegion#all} for a whole device; whole blocks of it
     * @return to be kept as long as it is written
     * @throws IllegalArgumentException if the region is not whole blocks
     */
    public static DeviceBytes of(DmIo client, IoRegion region) {
        return new DeviceBytes(client, region);
    }

    /**
     * How long it is.
     *
     * @return bytes
     */
    public long size() {
        return region.bytes();
    }

    /**
     * Reads some bytes.
     *
     * @param position of the first one, from 0
     * @param bytes how many; 0 is fine, and nothing is asked for
     * @return a buffer of exactly so many, all readable, which the subscriber releases. Errors with a {@link DeviceException} if they
     *     cannot be read, and as {@link DmIo#read(IoRegion, int)}. Cold; the memory is taken when the pages are granted, and after a
     *     cancel given back when the device has answered; a buffer that meets the cancel on its way goes to Reactor's hook for
     *     dropped values, as one does behind any operator
     * @throws IllegalArgumentException if they are not inside the region, or too many for one buffer
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
        // A stream of one buffer: its memory is taken when the pages are granted, and has one owner whatever meets
        // what.
        return client.read(whole, pages)
                .next()
                .map(buffer -> buffer.slice(skip, bytes).setIndex(0, bytes));
    }

    /**
     * Writes some bytes. They are durable after a {@link #flush}.
     *
     * @param position where the first one goes, from 0
     * @param from its readable bytes, as its indexes are now, at the call; none are fine, and nothing is asked for. Borrowed: indexes and
     *     reference count stay as they are, and the bytes stay unchanged until the Mono ends, after a cancel until the client is
     *     {@linkplain DmIo#put idle}
     * @return completes when they are written. Errors with a {@link DeviceException} if they are not, and as
     *     {@link DmIo#write(java.util.List, IoMemory)}; the blocks that they touch are undefined then. Errors with an overflow
     *     ({@link Exceptions#isOverflow}) if 1,024 writes of this object are under way, and nothing is written. Cold; a write that
     *     waits for others is withdrawn by a cancel, one that has begun runs out
     * @throws IllegalArgumentException if they are not inside the region
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
     * Makes durable what was written before.
     *
     * @return completes when it is; errors with a {@link DeviceException} if it may not be, and as {@link DmIo#flush}
     */
    public Mono<Void> flush() {
        return client.flush(List.of(region)).flatMap(DeviceBytes::toSignal);
    }

    /**
     * The same as the JDK sees it, for code that blocks: {@link java.nio.channels.Channels} makes streams of it. At the end of the region
     * reads end, and writes fail with an {@link java.io.IOException}, as whatever else goes wrong does; it cannot be truncated. Closing it
     * flushes if it has written, and closes no device. For one thread at a time, that may block: on another one it throws {@link
     * IllegalStateException}, and nothing is done. An interrupt ends the waiting with an {@link java.io.InterruptedIOException}: what was
     * begun runs out, and the caller's memory is not used for it.
     *
     * @return at position 0
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

    /** Some blocks of the region, counted in it. */
    IoRegion blocks(long first, long count) {
        long unit = Sectors.ofBytes(blockBytes);
        return region.slice(first * unit, count * unit);
    }
}
