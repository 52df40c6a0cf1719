package io.dmio;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What to do with which regions: the argument of {@link DmIo#run} and, unseen, of every service, as the kernel's
 * {@code struct dm_io_request}. Checked when made, so a bad one cannot be built; immutable, and may be run many times.
 */
public final class IoRequest {

    private final BlockOp.Kind kind;
    private final List<IoRegion> regions;
    private final @Nullable IoMemory memory;
    private final WriteOptions options;

    private IoRequest(BlockOp.Kind kind, List<IoRegion> regions, @Nullable IoMemory memory, WriteOptions options) {
        this.kind = kind;
        this.regions = List.copyOf(regions);
        this.memory = memory;
        this.options = Objects.requireNonNull(options, "options");
        if (regions.size() > ErrorBits.REGIONS_MAX) {
            throw new IllegalArgumentException(
                    regions.size() + " regions: one request takes at most 64, one for each error bit");
        }
        if (memory != null) {
            checkLength(memory);
        }
    }

    /**
     * Fills memory from a region. There is no read of several regions.
     *
     * @param from where
     * @param into at least as long as the region; what is beyond it stays untouched
     * @return the request
     * @throws IllegalArgumentException if the memory is shorter than the region or read-only
     */
    public static IoRequest read(IoRegion from, IoMemory into) {
        Objects.requireNonNull(into, "into");
        if (into.readOnly()) {
            throw new IllegalArgumentException("the memory to read into is read-only");
        }
        return new IoRequest(BlockOp.Kind.READ, List.of(from), into, WriteOptions.NONE);
    }

    /**
     * Writes the same bytes, from byte 0, to every region.
     *
     * @param to up to 64; those of zero sectors are skipped
     * @param from at least as long as the longest region
     * @param options how
     * @return the request
     * @throws IllegalArgumentException if the memory is shorter than a region, or there are too many regions
     */
    public static IoRequest write(List<IoRegion> to, IoMemory from, WriteOptions options) {
        return new IoRequest(BlockOp.Kind.WRITE, to, Objects.requireNonNull(from, "from"), options);
    }

    /**
     * Flushes each region's device, regions of zero sectors included.
     *
     * @param regions up to 64
     * @return the request
     */
    public static IoRequest flush(List<IoRegion> regions) {
        return new IoRequest(BlockOp.Kind.FLUSH, regions, null, WriteOptions.NONE);
    }

    /**
     * Discards every region.
     *
     * @param regions up to 64
     * @return the request
     */
    public static IoRequest discard(List<IoRegion> regions) {
        return new IoRequest(BlockOp.Kind.DISCARD, regions, null, WriteOptions.NONE);
    }

    /**
     * Makes every region read as zeroes.
     *
     * @param regions up to 64
     * @return the request
     */
    public static IoRequest writeZeroes(List<IoRegion> regions) {
        return new IoRequest(BlockOp.Kind.WRITE_ZEROES, regions, null, WriteOptions.NONE);
    }

    /**
     * What is done.
     *
     * @return the kind
     */
    public BlockOp.Kind kind() {
        return kind;
    }

    /**
     * Where it is done; the position is the {@linkplain ErrorBits error bit}.
     *
     * @return an immutable list
     */
    public List<IoRegion> regions() {
        return regions;
    }

    /**
     * The bytes.
     *
     * @return the memory of a read or write, else empty
     */
    public Optional<IoMemory> memory() {
        return Optional.ofNullable(memory);
    }

    /** As {@link #memory}, without the box. */
    @Nullable
    IoMemory memoryOrNull() {
        return memory;
    }

    /**
     * How a write is done.
     *
     * @return {@link WriteOptions#NONE} for the other kinds
     */
    public WriteOptions options() {
        return options;
    }

    /** The kind, the regions and their devices. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(kind.words());
        for (IoRegion region : regions) {
            text.append(' ').append(region.device().info().name());
            text.append('[')
                    .append(region.sector())
                    .append(", ")
                    .append(region.end())
                    .append(')');
        }
        return text.toString();
    }

    private void checkLength(IoMemory given) {
        for (int i = 0; i < regions.size(); i++) {
            if (given.bytes() < regions.get(i).bytes()) {
                throw new IllegalArgumentException("the memory has " + given.bytes() + " bytes, region " + i + " has "
                        + regions.get(i).bytes());
            }
        }
    }
}
