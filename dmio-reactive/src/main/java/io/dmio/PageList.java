package io.dmio;

import io.dmio.memory.Views;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Objects;

/**
 * Pages of 4 KiB and an offset into the first one, as {@code struct page_list} with the {@code offset} of {@code dm_io_async}.
 * Bytes after the last one asked for are left alone.
 */
public final class PageList implements IoMemory {

    private final List<ByteBuf> pages;
    private final int offset;

    private PageList(List<ByteBuf> pages, int offset) {
        if (pages.isEmpty()) {
            throw new IllegalArgumentException("no pages: the list needs at least one");
        }
        if (offset < 0 || offset >= Sectors.PAGE_BYTES || offset % Sectors.BYTES != 0) {
            throw new IllegalArgumentException(
                    "offset " + offset + " into the first page is not a multiple of 512 below 4096");
        }
        for (ByteBuf page : pages) {
            if (page.capacity() != Sectors.PAGE_BYTES) {
                throw new IllegalArgumentException("a page has 4096 bytes, not " + page.capacity());
            }
        }
        this.pages = pages;
        this.offset = offset;
    }

    /**
     * Returns memory made of the given pages, in their order.
     *
     * @param pages at least one, of 4096 bytes each; the list is copied, the caller keeps owning the pages
     * @param offset the first byte used of the first page: a multiple of 512 below 4096
     * @return the memory
     */
    public static PageList of(List<ByteBuf> pages, int offset) {
        return new PageList(List.copyOf(Objects.requireNonNull(pages, "pages")), offset);
    }

    /**
     * Allocates page-aligned pages from the library's pool, with undefined content.
     *
     * @param pages how many, at least 1
     * @return the memory, to be {@linkplain #release released} by the caller
     */
    public static PageList allocate(int pages) {
        if (pages < 1) {
            throw new IllegalArgumentException(pages + " pages: at least 1 is needed");
        }
        ByteBuf[] taken = new ByteBuf[pages];
        int count = 0;
        try {
            while (count < pages) {
                taken[count] = PagePool.shared().allocate(Sectors.PAGE_BYTES);
                count++;
            }
        } finally {
            while (count < pages && count > 0) { // out of memory midway: give back what was taken
                taken[--count].release();
            }
        }
        return new PageList(List.of(taken), 0);
    }

    /**
     * Returns the pages, to fill or to inspect.
     *
     * @return an immutable list of the same buffers, not retained
     */
    public List<ByteBuf> pages() {
        return pages;
    }

    /**
     * Returns where the bytes start.
     *
     * @return the first byte used of the first page
     */
    public int offset() {
        return offset;
    }

    @Override
    public long bytes() {
        return (long) pages.size() * Sectors.PAGE_BYTES - offset;
    }

    @Override
    public ByteBuf retainedView(long from, int bytes) {
        Objects.checkFromIndexSize(from, bytes, bytes());
        long at = from + offset;
        long end = at + bytes;
        int first = (int) (at / Sectors.PAGE_BYTES);
        int count = (int) (Sectors.pagesOf(end) - first);
        Views.Joined joined = new Views.Joined(count);
        for (int i = 0; i < count; i++) {
            int skip = (int) (at % Sectors.PAGE_BYTES);
            int length = (int) Math.min(Sectors.PAGE_BYTES - skip, end - at);
            joined.add(pages.get(first + i), skip, length);
            at += length;
        }
        return joined.view();
    }

    @Override
    public boolean readOnly() {
        return pages.stream().anyMatch(Views::isReadOnly);
    }

    /** Releases each distinct page once, however often it is in the list, as a page of zeroes may be. */
    @Override
    public void release() {
        Views.releaseDistinct(pages.stream());
    }
}
