package io.dmio;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Objects;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The client: reads one region, or writes the same bytes to up to 64 and tells by {@link ErrorBits} which of them failed.
 * Linux's dm-io ({@code drivers/md/dm-io.c}) for reactive Java: {@code dm_io_async} and its {@code bvec} and {@code vm}
 * forms are {@link #read} and {@link #write} with a {@link PageList}, {@link BioVectors} or {@link VmBuffer}; the
 * {@code dm_io_sync} forms are the same publishers and {@code block()}; {@code dm_io_get/put} are {@link #get} and
 * {@link #put}. Immutable but for its page count, and safe for concurrent use.
 *
 * <p><b>Cold.</b> Nothing is touched before subscribe, and each subscription does the I/O once more, so {@code retry} and
 * {@code repeat} work. Arguments are checked when a method is called and throw; the world is checked at subscribe.
 *
 * <p><b>Failures of regions are values.</b> A region that fails, for whatever reason (EIO, beyond the device's end,
 * misaligned, read-only, closed), sets its bit and stops nothing else. The Mono's error signal means that no I/O was done:
 * {@link IllegalStateException} for a closed client, one without pages, or one with fewer than a block of a device takes;
 * {@link io.netty.util.IllegalReferenceCountException}, which is one, too, for memory that was released before subscribe; an
 * overflow ({@link reactor.core.Exceptions#isOverflow}) if too many requests wait.
 *
 * <p><b>Memory</b> is borrowed until the Mono ends; see {@link IoMemory}. <b>Cancel</b> before the pages are granted
 * withdraws the request: nothing reaches a device. After that it stops the telling, not the doing: the I/O runs out, and
 * pages, buffers and files stay valid until the devices answered.
 *
 * <p><b>Thread.</b> Results come on the thread of the device that answered last, or on the subscriber's if all finished at
 * once. Do not block there; {@code publishOn} is yours.
 */
public final class DmIo {

    private final PageBudget budget;
    private final int transferBytesMax;

    private DmIo(Builder from) {
        this.budget = new PageBudget(from.waitersMax);
        this.transferBytesMax = from.transferBytesMax;
    }

    /**
     * A client with the default limits and no pages yet.
     *
     * @return a new client; {@link #get} pages before any I/O
     * @throws UnsupportedOperationException without {@link Feature#CORE}, as where Reactor is too old; the message names the jar
     */
    public static DmIo create() {
        return builder().build();
    }

    /**
     * Starts a client with limits of its own.
     *
     * @return a builder
     * @throws UnsupportedOperationException without {@link Feature#CORE}, as where Reactor is too old; the message names the jar
     */
    public static Builder builder() {
        Feature.CORE.require();
        return new Builder();
    }

    /**
     * Adds pages to what may be in flight, at once; the capacity is the sum of all numbers got, as {@code dm_io_get}.
     *
     * @param pages of 4 KiB, at least 1
     * @return this client
     * @throws IllegalArgumentException if the number is not positive or the sum does not fit an {@code int}; the capacity
     *     is unchanged
     * @throws IllegalStateException after {@link #close}
     */
    public DmIo get(int pages) {
        budget.grow(pages);
        return this;
    }

    /**
     * Takes pages back out, as {@code dm_io_put}: no new I/O uses them from subscribe on. Putting the last page refuses new
     * I/O, and nothing that was accepted, and waits for all that was accepted before; not for what a later get lets in.
     *
     * @param pages at least 1
     * @return completes when that many pages have come back; errors with {@link IllegalStateException} if fewer were got,
     *     and then the capacity is unchanged
     */
    public Mono<Void> put(int pages) {
        return budget.shrink(pages);
    }

    /**
     * Refuses new I/O and waits for what was accepted. Devices are not closed: they are the caller's.
     *
     * @return completes when nothing is in flight; may be subscribed again
     */
    public Mono<Void> close() {
        return budget.close();
    }

    /**
     * The pages, for gauges.
     *
     * @return the budget; its numbers are snapshots
     */
    public PageBudget budget() {
        return budget;
    }

    /**
     * How long the spans are in which a longer request goes, or one block where that is longer. Several are in flight at once,
     * as far as there are pages.
     *
     * @return whole pages
     */
    public int transferBytesMax() {
        return transferBytesMax;
    }

    /**
     * Reads a region into memory. Pieces end in any order; one that fails is zeroed, so stale bytes never leak.
     *
     * @param from where; there is no read of several regions
     * @param into at least as long as the region; bytes beyond it stay untouched
     * @return bit 0 if any piece failed
     * @throws IllegalArgumentException if the memory is shorter than the region or read-only
     */
    public Mono<ErrorBits> read(IoRegion from, IoMemory into) {
        return run(IoRequest.read(from, into));
    }

    /**
     * Writes the memory's first bytes to every region. It is durable after a {@link #flush}; by one call it is with {@link
     * WriteOptions#withFua}.
     *
     * @param to up to 64, of any lengths; those of zero sectors are skipped and their devices not touched
     * @param from at least as long as the longest region
     * @return bit <i>i</i> if any piece of region <i>i</i> failed: its content is undefined then
     * @throws IllegalArgumentException if the memory is shorter than a region, or there are more than 64
     */
    public Mono<ErrorBits> write(List<IoRegion> to, IoMemory from) {
        return write(to, from, WriteOptions.NONE);
    }

    /**
     * Writes the memory's first bytes to every region, in a certain way.
     *
     * @param to up to 64
     * @param from at least as long as the longest region
     * @param options force unit access, preflush, stable copy
     * @return bit <i>i</i> if any piece of region <i>i</i> failed
     * @throws IllegalArgumentException if the memory is shorter than a region, or there are more than 64
     */
    public Mono<ErrorBits> write(List<IoRegion> to, IoMemory from, WriteOptions options) {
        return run(IoRequest.write(to, from, options));
    }

    /**
     * Makes durable what was answered before, on each region's device, regions of zero sectors included. A device is flushed once at a
     * time, whoever asks for it; those who ask meanwhile share the next flush. One that fails is told to all who wait, as it may be what
     * they wrote that is lost. It is not told again: what was written since the last good flush has to be written anew.
     *
     * @param regions up to 64; only their devices matter
     * @return bit <i>i</i> if the flush of region <i>i</i>'s device failed
     */
    public Mono<ErrorBits> flush(List<IoRegion> regions) {
        return run(IoRequest.flush(regions));
    }

    /**
     * Gives the regions' space back; what they read as afterwards is up to the device.
     *
     * @param regions up to 64
     * @return bit <i>i</i> if region <i>i</i> failed, EOPNOTSUPP among the causes
     */
    public Mono<ErrorBits> discard(List<IoRegion> regions) {
        return run(IoRequest.discard(regions));
    }

    /**
     * Makes the regions read as zeroes. A device that cannot do it says EOPNOTSUPP; there is no fallback to plain writes
     * here, as in the kernel.
     *
     * @param regions up to 64
     * @return bit <i>i</i> if region <i>i</i> failed
     */
    public Mono<ErrorBits> writeZeroes(List<IoRegion> regions) {
        return run(IoRequest.writeZeroes(regions));
    }

    /**
     * Runs a request made elsewhere.
     *
     * @param request any
     * @return bit <i>i</i> if region <i>i</i> failed
     */
    public Mono<ErrorBits> run(IoRequest request) {
        return new Dispatch(Objects.requireNonNull(request, "request"), budget, transferBytesMax, false);
    }

    /**
     * Runs a stream of requests and emits each result as it comes, in any order. Asks upstream for the next request only
     * when a page is free and nobody waits in front, so a slow device slows the source and memory stays bounded.
     *
     * @param requests any number; up to {@value io.dmio.concurrent.Source#EXCESS_MAX} that were not asked for wait their
     *     turn
     * @return one result for each request; errors, after the results of what runs, with the source's error, with what a
     *     request of its own would error with (the first one ends the asking: a client that was closed, say, or memory
     *     that was released), or with an overflow if more came unasked
     */
    public Flux<IoResult> run(Publisher<IoRequest> requests) {
        return new Pipeline(budget, transferBytesMax, requests).run();
    }

    /**
     * As {@link #run(Publisher)}, with the results in the order of the requests. Requests still run side by side; a slow
     * one holds the results, not the work, of those after it: of {@value Pipeline#RESULTS_MAX} together with itself.
     *
     * @param requests any number, as there
     * @return one result for each request, in their order; errors as there
     */
    public Flux<IoResult> runInOrder(Publisher<IoRequest> requests) {
        return new Pipeline(budget, transferBytesMax, requests).runInOrder();
    }

    /**
     * Reads a region as a stream, in order, reading ahead up to {@value StreamRead#AHEAD_MAX} buffers. A buffer is taken from
     * the pool when its pages are granted; the pages are free again when it has been read, also while a
     * subscriber still keeps the buffer.
     *
     * @param from where
     * @param pagesPerBuffer the size of each buffer but the last, in pages of 4 KiB; one larger than all pages is read
     *     piece by piece
     * @return buffers over pooled memory, filled from 0 to capacity; <b>the subscriber owns and releases each</b>; errors,
     *     after the buffers before it, with the {@link DeviceException} of a read that failed, at once with that of a region
     *     that the device refuses, or with {@link IllegalStateException} if the client is or becomes closed
     */
    public Flux<ByteBuf> read(IoRegion from, int pagesPerBuffer) {
        return new StreamRead(budget, transferBytesMax, Objects.requireNonNull(from, "from"), pagesPerBuffer).run();
    }

    /**
     * Writes a stream to every region, plainly; see {@link #write(List, Publisher, StreamOptions)}.
     *
     * @param to up to 64
     * @param from buffers of any sizes; <b>the library releases each</b>
     * @return bit <i>i</i> if any piece of region <i>i</i> failed
     */
    public Mono<ErrorBits> write(List<IoRegion> to, Publisher<? extends ByteBuf> from) {
        return write(to, from, StreamOptions.NONE);
    }

    /**
     * Writes a stream of buffers to every region, from its first sector on. Buffers may have any sizes; their readable bytes
     * are re-cut into whole blocks, without a copy where they are direct, aligned and no smaller than a page: smaller ones are
     * copied together. Upstream is asked only for what free pages allow. What has come is written when it fills a part, and
     * its whole blocks within a tenth of a second when the source, though asked, gives nothing more.
     *
     * <p>A stream shorter than a region leaves the region's rest alone; for a longer one that region's bit is set (ENOSPC).
     * The source is cancelled when it gives a byte more than the longest region takes, and when it has filled that and for a
     * second neither gives more nor ends; what it would have given then is not known, and no bit tells of it.
     *
     * @param to up to 64
     * @param from buffers of any sizes; <b>the library releases each</b>. Up to
     *     {@value io.dmio.concurrent.Source#EXCESS_MAX} that were not asked for are written, too
     * @param options padding of the last block, write options
     * @return bit <i>i</i> if any piece of region <i>i</i> failed. Errors, after what was in flight has ended and with the
     *     failures of regions suppressed in the error: with the source's, when all whole blocks that came before have been
     *     written; with {@link IllegalArgumentException} likewise, if the stream ends inside a block of a region that is not
     *     full and padding is off; with an overflow likewise, if more came unasked; and before all these with what a request of
     *     its own would error with, a client that was closed, say: then not all that came has been written, and an error of the
     *     source is among the suppressed
     * @throws IllegalArgumentException if there are more than 64 regions
     */
    public Mono<ErrorBits> write(List<IoRegion> to, Publisher<? extends ByteBuf> from, StreamOptions options) {
        Objects.requireNonNull(from, "from");
        return new StreamWrite(budget, transferBytesMax, Objects.requireNonNull(to, "to"), options).run(from);
    }

    /**
     * {@link #read(IoRegion, IoMemory)} and wait. An interrupt is a cancel: a request that waits for pages is withdrawn, and of
     * one that was submitted only the waiting ends; its memory stays valid until the device answers.
     *
     * @param from where
     * @param into at least as long as the region
     * @return bit 0 if any piece failed
     * @throws IllegalStateException on a thread that must not block, and nothing is read
     */
    public ErrorBits readSync(IoRegion from, IoMemory into) {
        return SyncCall.await(read(from, into));
    }

    /**
     * {@link #write(List, IoMemory)} and wait, as {@link #readSync}.
     *
     * @param to up to 64
     * @param from at least as long as the longest region
     * @return bit <i>i</i> if any piece of region <i>i</i> failed
     * @throws IllegalStateException on a thread that must not block, and nothing is done
     */
    public ErrorBits writeSync(List<IoRegion> to, IoMemory from) {
        return SyncCall.await(write(to, from));
    }

    /**
     * {@link #write(List, IoMemory, WriteOptions)} and wait, as {@link #readSync}.
     *
     * @param to up to 64
     * @param from at least as long as the longest region
     * @param options how
     * @return bit <i>i</i> if any piece of region <i>i</i> failed
     * @throws IllegalStateException on a thread that must not block, and nothing is done
     */
    public ErrorBits writeSync(List<IoRegion> to, IoMemory from, WriteOptions options) {
        return SyncCall.await(write(to, from, options));
    }

    /**
     * {@link #flush} and wait, as {@link #readSync}.
     *
     * @param regions up to 64
     * @return bit <i>i</i> if the flush of region <i>i</i>'s device failed
     * @throws IllegalStateException on a thread that must not block, and nothing is done
     */
    public ErrorBits flushSync(List<IoRegion> regions) {
        return SyncCall.await(flush(regions));
    }

    /**
     * {@link #discard} and wait, as {@link #readSync}.
     *
     * @param regions up to 64
     * @return bit <i>i</i> if region <i>i</i> failed
     * @throws IllegalStateException on a thread that must not block, and nothing is done
     */
    public ErrorBits discardSync(List<IoRegion> regions) {
        return SyncCall.await(discard(regions));
    }

    /**
     * {@link #writeZeroes} and wait, as {@link #readSync}.
     *
     * @param regions up to 64
     * @return bit <i>i</i> if region <i>i</i> failed
     * @throws IllegalStateException on a thread that must not block, and nothing is done
     */
    public ErrorBits writeZeroesSync(List<IoRegion> regions) {
        return SyncCall.await(writeZeroes(regions));
    }

    /** Limits of a client; every one has a default. */
    public static final class Builder {

        private int transferBytesMax = 1 << 20;
        private int waitersMax = PageBudget.WAITERS_MAX;

        private Builder() {}

        /**
         * How long the spans are in which a longer request goes. Defaults to 1 MiB.
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
         * How many requests may wait for pages; the next one is refused with an overflow. Defaults to
         * {@value PageBudget#WAITERS_MAX}.
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
         * Makes the client.
         *
         * @return a new client without pages
         */
        public DmIo build() {
            return new DmIo(this);
        }
    }
}
