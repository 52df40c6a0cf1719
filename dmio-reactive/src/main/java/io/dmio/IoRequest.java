package io.dmio;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
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
    private final @Nullable AtomicBoolean released; // of one that owns its memory

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
     * Fills memory from a region. There is no read of several regions.
     *
     * @param from where
     * @param into at least as long as the region; what is beyond it stays untouched
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
     * Writes the same bytes, from byte 0, to every region.
     *
     * @param to up to 64; those of zero sectors are skipped
     * @param from at least as long as the longest region
     * @param options how
     * @return the request
     * @throws IllegalArgumentException if the memory is shorter than a region, or there are too many regions
     */
    public static IoRequest write(List<IoRegion> to, IoMemory from, WriteOptions options) {
        return new IoRequest(
                BlockOp.Kind.WRITE, Objects.requireNonNull(to, "to"), Objects.requireNonNull(from, "from"), options);
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

    private IoRequest(IoRequest borrowing) {
        this.kind = borrowing.kind;
        this.regions = borrowing.regions;
        this.memory = borrowing.memory;
        this.options = borrowing.options;
        this.released = new AtomicBoolean();
    }

    /**
     * The same request, to which the memory is handed over, for a pipeline ({@link DmIo#run(org.reactivestreams.Publisher)}): a
     * write's is released when it ended, before its result is told; a read's goes with its result to the subscriber, who calls {@link
     * IoResult#release}. What is left when the pipeline ends, is cancelled or fails, is released by it, wherever it was; the devices
     * keep what they are still at work with. Such a request runs once.
     *
     * <p>What the pipeline has not been given is its source's: {@code doOnDiscard(IoRequest.class, IoRequest::release)} there, and {@code
     * doOnDiscard(IoResult.class, IoResult::release)} behind the pipeline, are for operators that drop what they hold. Elsewhere than in
     * a pipeline it makes no difference who owns the memory: it is borrowed.
     *
     * @return a new request, with the memory of this one
     */
    public IoRequest owning() {
        return new IoRequest(this);
    }

    /** Whether its memory is its own. */
    boolean isOwning() {
        return released != null;
    }

    /** Gives up the memory of an {@linkplain #owning() owning} request, whatever calls it how often; does nothing for others. Any thread. */
    public void release() {
        if (released != null && memory != null && released.compareAndSet(false, true)) {
            memory.release();
        }
    }

    /** The same with other regions, none of them longer. */
    IoRequest of(List<IoRegion> others) {
        return new IoRequest(kind, others, memory, options);
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
