package io.dmio.mirror;

import io.dmio.mirror.disk.BitmapSector;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Superblock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A unit of a small disk: a chunk, a unit of the bitmap, or a slot. It never changes, so that disks share it, and what is known of
 * it: histories write the same again and again.
 */
final class SmallUnit {

    static final SmallUnit ZEROES = new SmallUnit(new byte[LegLayout.SLOT_BYTES]);

    private static final int BITS_AT = 16; // of the first eight chunks, and there are no more
    private static final int KNOWN_MAX = 100_000;
    private static final Map<SmallUnit, SmallUnit> KNOWN = new ConcurrentHashMap<>();

    private static final AtomicLong MADE = new AtomicLong();
    private static final ThreadLocal<byte[]> SCRATCH = ThreadLocal.withInitial(() -> new byte[LegLayout.SLOT_BYTES]);

    /** One that cannot be read until it is written. */
    static final SmallUnit UNREADABLE = new SmallUnit(
            new SmallUnit(Arrays.copyOf("unreadable".getBytes(StandardCharsets.US_ASCII), LegLayout.SLOT_BYTES)));

    private final byte[] bytes;
    private final int hash;
    private final long id;
    private @Nullable Slot slot; // once somebody has asked
    private @Nullable Mark mark;

    private record Slot(Optional<Superblock> superblock) {}

    private record Mark(UUID mirror, long number) {}

    private SmallUnit(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        this.bytes = bytes;
        this.hash = (int) crc.getValue();
        this.id = 0;
    }

    private SmallUnit(SmallUnit same) {
        this.bytes = same.bytes.clone();
        this.hash = same.hash;
        this.id = MADE.incrementAndGet();
    }

    /** The one that this becomes when some of its bytes are written. */
    SmallUnit with(int from, ByteBuf written, int at, int count) {
        byte[] scratch = SCRATCH.get();
        if (count < scratch.length) {
            System.arraycopy(bytes, 0, scratch, 0, scratch.length);
        }
        written.getBytes(at, scratch, from, count);
        SmallUnit looked = new SmallUnit(scratch);
        if (looked.equals(ZEROES)) {
            return ZEROES;
        }
        SmallUnit known = KNOWN.get(looked);
        return known == null ? known(new SmallUnit(looked)) : known;
    }

    private static SmallUnit known(SmallUnit fresh) {
        if (fresh.id % KNOWN_MAX == 0) {
            KNOWN.clear(); // those in use stay what they are
        }
        SmallUnit known = KNOWN.putIfAbsent(fresh, fresh);
        return known == null ? fresh : known;
    }

    /** No other unit has it that holds something else. */
    long id() {
        return id;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || (other instanceof SmallUnit unit && hash == unit.hash && Arrays.equals(bytes, unit.bytes));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    void read(int from, ByteBuf into, int at, int count) {
        into.setBytes(at, bytes, from, count);
    }

    /** Of a chunk: the number of the write that it came from. */
    int content() {
        return ByteBuffer.wrap(bytes).getInt();
    }

    /** Of the bitmap: the bits of all chunks. */
    byte bits() {
        return bytes[BITS_AT];
    }

    /** Of the bitmap: the batch that changed it. */
    long number() {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    /** Of the bitmap's first: the batch that the leg saw last. */
    long mark(UUID mirror) {
        Mark known = mark;
        if (known == null || !known.mirror.equals(mirror)) {
            known = new Mark(mirror, BitmapSector.mark(mirror, Unpooled.wrappedBuffer(bytes)));
            mark = known;
        }
        return known.number;
    }

    /** Of a slot of a disk of a size: the superblock in it, if it is whole. */
    Optional<Superblock> superblock(int sectors) {
        Slot known = slot;
        if (known == null) {
            known = new Slot(read(sectors));
            slot = known;
        }
        return known.superblock;
    }

    private Optional<Superblock> read(int sectors) {
        try {
            return Optional.of(Superblock.newest("", sectors, List.of(bytes)).superblock());
        } catch (RuntimeException none) {
            return Optional.empty();
        }
    }
}
