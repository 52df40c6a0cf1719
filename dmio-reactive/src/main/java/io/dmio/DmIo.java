package io.dmio;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Objects;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A client that reads one region, or writes the same bytes to up to 64 regions and reports by {@link ErrorBits} which of them failed. It is
 * Linux's dm-io ({@code drivers/md/dm-io.c}) for reactive Java: {@code dm_io_async} and its {@code bvec} and {@code vm} forms are
 * {@link #read} and {@link #write} with a {@link PageList}, {@link BioVectors} or {@link VmBuffer}; the {@code dm_io_sync} forms are the same
 * publishers and {@code block()}; {@code dm_io_get/put} are {@link #get} and {@link #put}. Immutable except for its page count, and safe for
 * concurrent use.
 *
 * <p><b>Cold.</b> Nothing is touched before subscribe, and each subscription performs the I/O again, so {@code retry} and {@code repeat}
 * work. Arguments are checked when a method is called, which then throws; the world is checked at subscribe.
 *
 * <p><b>Failures of regions are values.</b> A region that fails for any reason (EIO, beyond the device's end, misaligned, read-only, closed)
 * sets its bit and does not affect the others. The Mono's error signal means that no I/O was done: {@link IllegalStateException} for a client
 * that is closed, has no pages, or has fewer pages than a block of a device takes; {@link io.netty.util.IllegalReferenceCountException},
 * which is an {@code IllegalStateException}, too, for memory that was released before subscribe; an overflow
 * ({@link reactor.core.Exceptions#isOverflow}) if too many requests wait.
 *
 * <p><b>Memory</b> is borrowed until the Mono ends; see {@link IoMemory}. <b>Cancel</b> before the pages are granted withdraws the request:
 * nothing reaches a device. After that, a cancel stops the signals, not the I/O, which runs to its end; pages, buffers and files stay valid
 * until the devices have answered.
 *
 * <p><b>Thread.</b> Results come on the thread of the device that answered last, or on the subscriber's if all finished at once. Do not block
 * there; use {@code publishOn} to change the thread.
 */
public final class DmIo {

    private final PageBudget budget;
    private final int transferBytesMax;

    private DmIo(Builder from) {
        this.budget = new PageBudget(from.waitersMax);
        this.transferBytesMax = from.transferBytesMax;
    }

    /**
     * Creates a client with the default limits and no pages yet.
     *
     * @return a new client; {@link #get} pages before any I/O
     * @throws UnsupportedOperationException if {@link Feature#CORE} is missing, as where Reactor is too old; the message names the jar
     */
    public static DmIo create() {
        return builder().build();
    }

    /**
     * Returns a builder for a client with other limits.
     *
     * @return a builder
     * @throws UnsupportedOperationException if {@link Feature#CORE} is missing, as where Reactor is too old; the message names the jar
     */
    public static Builder builder() {
        Feature.CORE.require();
        return new Builder();
    }

    /**
     * Adds pages to what may be in flight, with immediate effect, as {@code dm_io_get}. The capacity is the sum of all numbers got.
     *
     * @param pages of 4 KiB, at least 1
     * @return this client
     * @throws IllegalArgumentException if the number is not positive or the sum does not fit an {@code int}; the capacity is unchanged
     * @throws IllegalStateException after {@link #close}
     */
    public DmIo get(int pages) {
        budget.grow(pages);
        return this;
    }

    /**
     * Takes pages back out, as {@code dm_io_put}: no new I/O uses them from subscribe on. Putting the last page refuses new I/O, but nothing
     * that was accepted. It waits for all I/O accepted before, and not for what a later get lets in.
     *
     * @param pages at least 1
     * @return a Mono that completes when that many pages have come back; errors with {@link IllegalStateException} if fewer are left of
     *     those that were got, and then the capacity is unchanged
     */
    public Mono<Void> put(int pages) {
        return budget.shrink(pages);
    }

    /**
     * Refuses new I/O and waits for what was accepted. Does not close devices, which are the caller's.
     *
     * @return a Mono that completes when nothing is in flight; may be subscribed again
     */
    public Mono<Void> close() {
        return budget.close();
    }

    /**
     * Returns the page budget, for gauges.
     *
     * @return the budget; its numbers are snapshots
     */
    public PageBudget budget() {
        return budget;
    }

    /**
     * Returns the length of the spans into which a longer request is cut, or the length of one block where that is longer. Several spans are
     * in flight at once, as far as there are pages.
     *
     * @return the length in bytes: whole pages
     */
    public int transferBytesMax() {
        return transferBytesMax;
    }

    /**
     * Reads a region into memory. Pieces end in any order; a piece that fails is zeroed, so stale bytes never leak.
     *
     * @param from the region; there is no read of several regions
     * @param into memory at least as long as the region; bytes beyond it stay untouched
     * @return a Mono of the error bits: bit 0 is set if any piece failed
     * @throws IllegalArgumentException if the memory is shorter than the region or read-only
     */
    public Mono<ErrorBits> read(IoRegion from, IoMemory into) {
        return run(IoRequest.read(from, into));
    }

    /**
     * Writes the memory's first bytes to every region. They are durable after a {@link #flush}; a write with {@link WriteOptions#withFua}
     * makes them durable in one call.
     *
     * @param to up to 64, of any lengths; those of zero sectors are skipped and their devices not touched
     * @param from memory at least as long as the longest region
     * @return a Mono of the error bits: bit <i>i</i> is set if any piece of region <i>i</i> failed, whose content is undefined then
     * @throws IllegalArgumentException if the memory is shorter than a region, or there are more than 64
     */
    public Mono<ErrorBits> write(List<IoRegion> to, IoMemory from) {
        return write(to, from, WriteOptions.NONE);
    }

    /**
     * Writes the memory's first bytes to every region, with options.
     *
     * @param to up to 64
     * @param from memory at least as long as the longest region
     * @param options force unit access, preflush, stable copy
     * @return a Mono of the error bits: bit <i>i</i> is set if any piece of region <i>i</i> failed
     * @throws IllegalArgumentException if the memory is shorter than a region, or there are more than 64
     */
    public Mono<ErrorBits> write(List<IoRegion> to, IoMemory from, WriteOptions options) {
        return run(IoRequest.write(to, from, options));
    }

    /**
     * Makes durable what was answered before, on each region's device, including the devices of regions of zero sectors. A device has one
     * flush in flight at a time, whichever caller asks for it; callers that ask meanwhile share the next flush. A flush that fails is
     * reported to all callers that wait, because their writes may be what is lost. It is not reported again: what was written since the last
     * successful flush has to be written again.
     *
     * @param regions up to 64; only their devices matter
     * @return a Mono of the error bits: bit <i>i</i> is set if the flush of region <i>i</i>'s device failed
     */
    public Mono<ErrorBits> flush(List<IoRegion> regions) {
        return run(IoRequest.flush(regions));
    }

    /**
     * Discards the regions, which frees their space; what they read as afterwards is up to the device.
     *
     * @param regions up to 64
     * @return a Mono of the error bits: bit <i>i</i> is set if region <i>i</i> failed; EOPNOTSUPP is among the causes
     */
    public Mono<ErrorBits> discard(List<IoRegion> regions) {
        return run(IoRequest.discard(regions));
    }

    /**
     * Makes the regions read as zeroes. A device that cannot do it fails with EOPNOTSUPP; as in the kernel, there is no fallback to plain
     * writes here.
     *
     * @param regions up to 64
     * @return a Mono of the error bits: bit <i>i</i> is set if region <i>i</i> failed
     */
    public Mono<ErrorBits> writeZeroes(List<IoRegion> regions) {
        return run(IoRequest.writeZeroes(regions));
    }

    /**
     * Runs a request made elsewhere.
     *
     * @param request any
     * @return a Mono of the error bits: bit <i>i</i> is set if region <i>i</i> failed
     */
    public Mono<ErrorBits> run(IoRequest request) {
        return new Dispatch(Objects.requireNonNull(request, "request"), budget, transferBytesMax, false);
    }

    /**
     * Runs a stream of requests and emits each result as it comes, in any order. Asks upstream for the next request only when a page is free
     * and nothing waits in front, so a slow device slows the source and memory stays bounded.
     *
     * @param requests any number; up to {@value io.dmio.concurrent.Source#EXCESS_MAX} that come without demand wait their turn
     * @return a Flux of one result for each request. Errors, after the results of the requests that run, with the source's error; with what a
     *     request of its own would error with, such as a closed client or released memory (the first such request ends the asking); or with
     *     an overflow if more requests came without demand
     */
    public Flux<IoResult> run(Publisher<IoRequest> requests) {
        return new Pipeline(budget, transferBytesMax, requests).run();
    }

    /**
     * Runs a stream of requests as {@link #run(Publisher)} does, with the results in the order of the requests. Requests still run side by
     * side; a slow one delays the results of those after it, not their work: up to {@value Pipeline#RESULTS_MAX} results, its own included.
     *
     * @param requests any number, as there
     * @return a Flux of one result for each request, in their order; errors as there
     */
    public Flux<IoResult> runInOrder(Publisher<IoRequest> requests) {
        return new Pipeline(budget, transferBytesMax, requests).runInOrder();
    }

    /**
     * Reads a region as a stream of buffers, in order, reading ahead up to {@value StreamRead#AHEAD_MAX} buffers. A buffer is taken from the
     * pool when its pages are granted; the pages are free again when it has been read, even while a subscriber still keeps the buffer.
     *
     * @param from the region
     * @param pagesPerBuffer the size of each buffer but the last, in pages of 4 KiB; one larger than all pages is read piece by piece
     * @return a Flux of buffers over pooled memory, filled from 0 to capacity; <b>the subscriber owns and releases each</b>. Errors with the
     *     {@link DeviceException} of a read that failed, after the buffers before it; at once with that of a region that the device refuses;
     *     or with {@link IllegalStateException} if the client is or becomes closed
     */
    public Flux<ByteBuf> read(IoRegion from, int pagesPerBuffer) {
        return new StreamRead(budget, transferBytesMax, Objects.requireNonNull(from, "from"), pagesPerBuffer).run();
    }

    /**
     * Writes a stream to every region with default options; see {@link #write(List, Publisher, StreamOptions)}.
     *
     * @param to up to 64
     * @param from buffers of any sizes; <b>the library releases each</b>
     * @return a Mono of the error bits: bit <i>i</i> is set if any piece of region <i>i</i> failed
     */
    public Mono<ErrorBits> write(List<IoRegion> to, Publisher<? extends ByteBuf> from) {
        return write(to, from, StreamOptions.NONE);
    }

    /**
     * Writes a stream of buffers to every region, from its first sector on. Buffers may have any sizes; their readable bytes are re-cut into
     * whole blocks. Buffers that are direct, aligned and no smaller than a page are not copied; smaller ones are copied together. Upstream is
     * asked only for what free pages allow. Received bytes are written when they fill a part; their whole blocks are written within a tenth
     * of a second if the source, though asked, gives nothing more.
     *
     * <p>A stream shorter than a region leaves the region's rest alone; for a longer one that region's bit is set (ENOSPC). The source is
     * cancelled when it gives a byte more than the longest region takes. It is also cancelled when it has filled that region and for a second
     * neither gives more nor ends; what it would have given then is not known, and no bit reports it.
     *
     * @param to up to 64
     * @param from buffers of any sizes; <b>the library releases each</b>. Up to {@value io.dmio.concurrent.Source#EXCESS_MAX} that come
     *     without demand are written, too
     * @param options padding of the last block, write options
     * @return a Mono of the error bits: bit <i>i</i> is set if any piece of region <i>i</i> failed. Errors after everything in flight has
     *     ended, with the failures of regions suppressed in the error: with the source's error, when all whole blocks that came before have
     *     been written; likewise with {@link IllegalArgumentException} if the stream ends inside a block of a region that is not full and
     *     padding is off; likewise with an overflow if more buffers came without demand; and before all these with what a request of its own
     *     would error with, such as a closed client: then not everything that came has been written, and an error of the source is among the
     *     suppressed
     * @throws IllegalArgumentException if there are more than 64 regions
     */
    public Mono<ErrorBits> write(List<IoRegion> to, Publisher<? extends ByteBuf> from, StreamOptions options) {
        Objects.requireNonNull(from, "from");
        return new StreamWrite(budget, transferBytesMax, Objects.requireNonNull(to, "to"), options).run(from);
    }

    /**
     * Calls {@link #read(IoRegion, IoMemory)} and waits for the result. An interrupt is a cancel: a request that waits for pages is
     * withdrawn; for one that was submitted only the waiting ends, and its memory stays valid until the device answers.
     *
     * @param from the region
     * @param into memory at least as long as the region
     * @return bit 0 if any piece failed
     * @throws IllegalStateException on a thread that must not block, and nothing is read
     */
    public ErrorBits readSync(IoRegion from, IoMemory into) {
        return SyncCall.await(read(from, into));
    }

    /**
     * Calls {@link #write(List, IoMemory)} and waits for the result, as {@link #readSync} does.
     *
     * @param to up to 64
     * @param from memory at least as long as the longest region
     * @return bit <i>i</i> if any piece of region <i>i</i> failed
     * @throws IllegalStateException on a thread that must not block, and nothing is done
     */
    public ErrorBits writeSync(List<IoRegion> to, IoMemory from) {
        return SyncCall.await(write(to, from));
    }

    /**
     * Calls {@link #write(List, IoMemory, WriteOptions)} and waits for the result, as {@link #readSync} does.
     *
     * @param to up to 64
     * @param from memory at least as long as the longest region
     * @param options the write options
     * @return bit <i>i</i> if any piece of region <i>i</i> failed
     * @throws IllegalStateException on a thread that must not block, and nothing is done
     */
    public ErrorBits writeSync(List<IoRegion> to, IoMemory from, WriteOptions options) {
        return SyncCall.await(write(to, from, options));
    }

    /**
     * Calls {@link #flush} and waits for the result, as {@link #readSync} does.
     *
     * @param regions up to 64
     * @return bit <i>i</i> if the flush of region <i>i</i>'s device failed
     * @throws IllegalStateException on a thread that must not block, and nothing is done
     */
    public ErrorBits flushSync(List<IoRegion> regions) {
        return SyncCall.await(flush(regions));
    }

    /**
     * Calls {@link #discard} and waits for the result, as {@link #readSync} does.
     *
     * @param regions up to 64
     * @return bit <i>i</i> if region <i>i</i> failed
     * @throws IllegalStateException on a thread that must not block, and nothing is done
     */
    public ErrorBits discardSync(List<IoRegion> regions) {
        return SyncCall.await(discard(regions));
    }

    /**
     * Calls {@link #writeZeroes} and waits for the result, as {@link #readSync} does.
     *
     * @param regions up to 64
     * @return bit <i>i</i> if region <i>i</i> failed
     * @throws IllegalStateException on a thread that must not block, and nothing is done
     */
    public ErrorBits writeZeroesSync(List<IoRegion> regions) {
        return SyncCall.await(writeZeroes(regions));
    }

    /** A builder of clients with limits of their own; every limit has a default. */
    public static final class Builder {

        private int transferBytesMax = 1 << 20;
        private int waitersMax = PageBudget.WAITERS_MAX;

        private Builder() {}

        /**
         * Sets the length of the spans into which a longer request is cut. Defaults to 1 MiB.
         *
         * @param bytes whole pages of 4,096 bytes, at least one
         * @return this builder
         */
        public Builder transferBytesMax(int bytes) {
            if (bytes < Sectors.PAGE_BYTES || bytes % Sectors.PAGE_BYTES != 0) {
                throw new IllegalArgumentException(
                        "transferBytesMax " + bytes + " is not one or more whole pages of 4096 bytes");
            }
            transferBytesMax = bytes;
            return this;
        }

        /**
         * Sets how many requests may wait for pages; the next one is refused with an overflow. Defaults to {@value PageBudget#WAITERS_MAX}.
         *
         * @param requests 0 or more
         * @return this builder
         */
        public Builder waitersMax(int requests) {
            if (requests < 0) {
                throw new IllegalArgumentException("waitersMax " + requests + " is negative");
            }
            waitersMax = requests;
            return this;
        }

        /**
         * Creates the client.
         *
         * @return a new client without pages
         */
        public DmIo build() {
            return new DmIo(this);
        }
    }
}
