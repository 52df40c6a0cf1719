package io.dmio;

import io.dmio.memory.Aligned;
import reactor.core.publisher.Flux;

/**
 * Sector arithmetic. A sector is 512 bytes whatever the device's block size, as Linux's {@code sector_t}; addresses and lengths
 * are {@code long} everywhere, so nothing overflows at 2 TiB.
 */
public final class Sectors {

    /** The bytes of one sector. */
    public static final int BYTES = 512;

    /** The bytes of one page, the unit of the {@linkplain PageBudget budget}. */
    public static final int PAGE_BYTES = Aligned.PAGE_BYTES;

    /** The maximum number of sectors: the byte at the end of so many still has an address that fits a {@code long}. */
    public static final long MAX = Long.MAX_VALUE / BYTES;

    private Sectors() {}

    /**
     * Converts bytes to sectors.
     *
     * @param bytes zero or more, whole sectors
     * @return {@code bytes / 512}
     * @throws IllegalArgumentException if {@code bytes} is negative or not whole sectors
     */
    public static long ofBytes(long bytes) {
        if (bytes < 0 || bytes % BYTES != 0) {
            throw new IllegalArgumentException(bytes + " bytes are not whole sectors of 512 bytes");
        }
        return bytes / BYTES;
    }

    /**
     * Converts sectors to bytes.
     *
     * @param sectors zero to {@link #MAX}
     * @return {@code sectors * 512}
     * @throws IllegalArgumentException if {@code sectors} is negative or its byte count does not fit a {@code long}
     */
    public static long toBytes(long sectors) {
        if (sectors < 0 || sectors > MAX) {
            throw new IllegalArgumentException(sectors + " sectors are not between 0 and " + MAX);
        }
        return sectors * BYTES;
    }

    /**
     * Returns how many pages the given number of bytes takes.
     *
     * @param bytes zero or more
     * @return {@code bytes / 4096}, rounded up
     */
    public static long pagesOf(long bytes) {
        return bytes / PAGE_BYTES + (bytes % PAGE_BYTES == 0 ? 0 : 1);
    }

    /**
     * Returns where the parts of a long range begin, on demand.
     *
     * @param length the length of the range, in any unit
     * @param step the length of a part, at least 1; the last may be shorter
     * @return 0, {@code step}, {@code 2 * step} and so on, below {@code length}
     */
    public static Flux<Long> steps(long length, long step) {
        return Flux.<Long, Long>generate(() -> 0L, (from, sink) -> {
                    if (from < length) {
                        sink.next(from);
                    } else {
                        sink.complete();
                    }
                    return length - from > step ? from + step : length;
                })
                .hide(); // if fused, a cancelled operator would step through it to its end
    }

    /**
     * Checks a range of sectors and returns its end.
     *
     * @param sector the first sector
     * @param count how many sectors, zero allowed
     * @return {@code sector + count}
     * @throws IllegalArgumentException if either is negative or the end is beyond {@link #MAX}
     */
    public static long end(long sector, long count) {
        if (sector < 0 || count < 0 || sector > MAX - count) {
            throw new IllegalArgumentException("sector " + sector + " count " + count
                    + " is not a range of sectors: both" + " are at least 0 and their sum at most " + MAX);
        }
        return sector + count;
    }
}
