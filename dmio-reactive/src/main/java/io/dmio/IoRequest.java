package io.dmio;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A request: what to do with which regions. It is the argument of {@link DmIo#run} and, internally, of every service, as the kernel's
 * {@code struct dm_io_request}. Checked when created, so an invalid one cannot be built; immutable, and may be run many times.
 */
public final class IoRequest {

    private final BlockOp.Kind kind;
    private final List<IoRegion> regions;
    private final @Nullable IoMemory memory;
    private final WriteOptions options;
    private final @Nullable AtomicBoolean released; // only if the request owns its memory

    private IoRequest(BlockOp.Kind kind, List<IoRegion> regions, @Nullable IoMemory memory, WriteOptions options) {
        this.kind = kind;
        this.regions = List.copyOf(Objects.requireNonNull(regions, "regions"));
        this.memory = memory;
        this.options = Objects.requireNonNull(options, "options");
        this.released = null;
        if (regions.size() > ErrorBits.REGIONS_MAX) {
            throw new IllegalArgumentException(
                    regions.size() + " regions: one request takes at most 64, one for each error bit");
        }
        if (memory != null) {
            checkLength(memory);
        }
    }

    /**
     * Returns a request that fills memory from a region. There is no read of several regions.
     *
     * @param from the region
     * @param into memory at least as long as the region; what is beyond it stays untouched
     * @return the request
     * @throws IllegalArgumentException if the memory is shorter than the region or read-only
     */
    public static IoRequest read(IoRegion from, IoMemory into) {
        Objects.requireNonNull(into, "into");
        Objects.requireNonNull(from, "from");
        if (into.readOnly()) {
            throw new IllegalArgumentException("the memory to read into is read-only");
        }
        return new IoRequest(BlockOp.Kind.READ, List.of(from), into, WriteOptions.NONE);
    }

    /**
     * Returns a request that writes the same bytes, from byte 0, to every region.
     *
     * @param to up to 64; those of zero sectors are skipped
     * @param from memory at least as long as the longest region
     * @param options the write options
     * @return the request
     * @throws IllegalArgumentException if the memory is shorter than a region, or there are too many regions
     */
    public static IoRequest write(List<IoRegion> to, IoMemory from, WriteOptions options) {
        return new IoRequest(
                BlockOp.Kind.WRITE, Objects.requireNonNull(to, "to"), Objects.requireNonNull(from, "from"), options);
    }

    /**
     * Returns a request that flushes each region's device, including those of regions of zero sectors.
     *
     * @param regions up to 64
     * @return the request
     */
    public static IoRequest flush(List<IoRegion> regions) {
        return new IoRequest(BlockOp.Kind.FLUSH, regions, null, WriteOptions.NONE);
    }

    /**
     * Returns a request that discards every region.
     *
     * @param regions up to 64
     * @return the request
     */
    public static IoRequest discard(List<IoRegion> regions) {
        return new IoRequest(BlockOp.Kind.DISCARD, regions, null, WriteOptions.NONE);
    }

    /**
     * Returns a request that makes every region read as zeroes.
     *
     * @param regions up to 64
     * @return the request
     */
    public static IoRequest writeZeroes(List<IoRegion> regions) {
        return new IoRequest(BlockOp.Kind.WRITE_ZEROES, regions, null, WriteOptions.NONE);
    }

    /**
     * Returns what the request does.
     *
     * @return the kind
     */
    public BlockOp.Kind kind() {
        return kind;
    }

    /**
     * Returns the regions; a region's position is its {@linkplain ErrorBits error bit}.
     *
     * @return an immutable list
     */
    public List<IoRegion> regions() {
        return regions;
    }

    /**
     * Returns the memory.
     *
     * @return the memory of a read or write, else empty
     */
    public Optional<IoMemory> memory() {
        return Optional.ofNullable(memory);
    }

    /** As {@link #memory}, without the {@code Optional}. */
    @Nullable
    IoMemory memoryOrNull() {
        return memory;
    }

    /**
     * Returns the write options.
     *
     * @return {@link WriteOptions#NONE} for the other kinds
     */
    public WriteOptions options() {
        return options;
    }

    private IoRequest(IoRequest borrowing) {
        this.kind = borrowing.kind;
        this.regions = borrowing.regions;
        this.memory = borrowing.memory;
        this.options = borrowing.options;
        this.released = new AtomicBoolean();
    }

    /**
     * Returns the same request as the owner of its memory, for a pipeline ({@link DmIo#run(org.reactivestreams.Publisher)}). The memory
     * of a write is released when the write has ended, before its result is emitted. The memory of a read goes with its result to the
     * subscriber, who calls {@link IoResult#release}. When the pipeline ends, is cancelled or fails, it releases all memory that is left,
     * wherever that is; the devices keep the memory that they still work with. Such a request runs once.
     *
     * <p>A request that the pipeline has not received belongs to its source. For operators that drop what they hold, there are
     * {@code doOnDiscard(IoRequest.class, IoRequest::release)} on the source and {@code doOnDiscard(IoResult.class, IoResult::release)}
     * behind the pipeline. Outside a pipeline it makes no difference who owns the memory: it is borrowed.
     *
     * @return a new request, with the memory of this one
     */
    public IoRequest owning() {
        return new IoRequest(this);
    }

    /** Returns whether the request owns its memory. */
    boolean isOwning() {
        return released != null;
    }

    /**
     * Releases the memory of an {@linkplain #owning() owning} request; does nothing for others. May be called several times, from any
     * thread.
     */
    public void release() {
        if (released != null && memory != null && released.compareAndSet(false, true)) {
            memory.release();
        }
    }

    /** Returns this request with other regions, none of them longer. */
    IoRequest of(List<IoRegion> others) {
        return new IoRequest(kind, others, memory, options);
    }

    /** Returns the kind, the regions and their devices. */
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
