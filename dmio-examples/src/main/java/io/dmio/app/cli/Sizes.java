package io.dmio.app.cli;

import io.dmio.Sectors;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads and writes sizes as people do: {@code 64K}, {@code 16MiB}, {@code 1GB}, {@code 256p} in; {@code 125.7 MiB} out. One grammar for every
 * option, that of GNU coreutils: K and KiB are 1,024 bytes, KB is 1,000, and so on; upper and lower case make no difference, except that a
 * small p counts pages.
 */
public final class Sizes {

    private static final String UNITS = "KMGTPE";
    private static final Pattern SIZE =
            Pattern.compile("([0-9]+)(?:([KMGTPEkmgte])((?:[iI]?[bB])?)|(p)(?:ages?)?|[bB])?");

    private Sizes() {}

    /**
     * Reads a size.
     *
     * @param text digits and a unit: none or B for bytes, K M G T P E or KiB for powers of 1024, KB for powers of 1000, p for pages of
     *     4 KiB
     * @return bytes
     * @throws IllegalArgumentException saying what is wrong and what would be right
     */
    public static long parse(String text) {
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a size: write 4096, 64K, 16M, 1G, 1GB (10^9) or 256p (pages)");
        }
        try {
            long number = Long.parseLong(size.group(1));
            if (size.group(4) != null) {
                return Math.multiplyExact(number, (long) Sectors.PAGE_BYTES);
            }
            String unit = size.group(2);
            return unit == null
                    ? number
                    : Math.multiplyExact(number, unitBytes(unit, size.group(3).length() == 1));
        } catch (ArithmeticException | NumberFormatException tooLarge) {
            throw new IllegalArgumentException(
                    "'" + text + "' is too large: at most " + Long.MAX_VALUE + " bytes", tooLarge);
        }
    }

    private static long unitBytes(String unit, boolean decimal) {
        int power = UNITS.indexOf(unit.toUpperCase(Locale.ROOT)) + 1;
        long bytes = 1;
        for (int i = 0; i < power; i++) {
            bytes *= decimal ? 1000 : 1024;
        }
        return bytes;
    }

    /**
     * Reads a page budget.
     *
     * @param text as {@link #parse}
     * @return whole pages, at least one
     */
    static int parsePages(String text) {
        long bytes = parse(text);
        if (bytes < Sectors.PAGE_BYTES) {
            throw new IllegalArgumentException(
                    "'" + text + "' is less than one page of 4096 bytes: write 1M, or 256p for pages");
        }
        long pages = bytes / Sectors.PAGE_BYTES;
        if (pages > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("'" + text + "' is too large: at most " + Integer.MAX_VALUE + " pages");
        }
        return (int) pages;
    }

    /**
     * Writes a size for people.
     *
     * @param bytes zero or more
     * @return one decimal and a unit from KiB on: {@code 512 B}, {@code 1.0 MiB}
     */
    public static String human(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        int unit = 0;
        double value = bytes / 1024.0;
        while (value >= 1023.95 && unit < UNITS.length() - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %ciB", value, UNITS.charAt(unit));
    }

    /**
     * Writes a number with separators.
     *
     * @param number any
     * @return {@code 131,792,896}
     */
    public static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /**
     * Writes a count and its noun.
     *
     * @param count how many
     * @param noun in the singular; the plural adds an s
     * @return {@code 1 range}, {@code 1,024 ranges}
     */
    public static String counted(long count, String noun) {
        return counted(count, noun, noun + "s");
    }

    /** The same for a noun with a plural of its own. */
    public static String counted(long count, String noun, String nouns) {
        return grouped(count) + " " + (count == 1 ? noun : nouns);
    }

    /** Returns {@code bytes} rounded up to a multiple of {@code alignBytes}. */
    public static long roundUp(long bytes, int alignBytes) {
        return (bytes + alignBytes - 1) / alignBytes * alignBytes;
    }
}
