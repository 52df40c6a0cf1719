package io.dmio.app.schedule;

import io.dmio.app.cli.Sizes;
import java.time.LocalTime;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A part of each day, and how fast may be copied in it.
 *
 * @param from the first moment
 * @param to the first moment after it; on the next day if it is before {@code from}
 * @param bytesPerSecond at least 1
 */
record RateWindow(LocalTime from, LocalTime to, long bytesPerSecond) {

    private static final String END_OF_DAY = "24:00"; // no time of the day itself

    /** Reads text such as {@code 08:00-18:00=20M}. */
    static RateWindow parse(String text) {
        String[] halves = text.split("=", -1);
        String[] times = halves[0].split("-", -1);
        if (halves.length != 2 || times.length != 2) {
            throw refusal(text);
        }
        LocalTime from = WeeklyTime.time(times[0].strip()).orElseThrow(() -> refusal(text));
        String end = times[1].strip();
        LocalTime to = end.equals(END_OF_DAY)
                ? LocalTime.MIDNIGHT
                : WeeklyTime.time(end).orElseThrow(() -> refusal(text));
        long rate = Sizes.parse(halves[1].strip());
        if (from.equals(to) || rate < 1) {
            throw refusal(text);
        }
        return new RateWindow(from, to, rate);
    }

    boolean contains(LocalTime time) {
        boolean begun = !time.isBefore(from);
        boolean ended = !time.isBefore(to);
        return from.isBefore(to) ? begun && !ended : begun || !ended;
    }

    boolean overlaps(RateWindow other) {
        return contains(other.from) || other.contains(from);
    }

    private static IllegalArgumentException refusal(String text) {
        return new IllegalArgumentException("'" + text
                + "' is no part of a day with a rate: write 08:00-18:00=20M, or 22:00-06:00=500M over midnight");
    }

    @Override
    public String toString() {
        return from + "-" + to;
    }

    /** The converter for picocli. */
    static final class Converter implements ITypeConverter<RateWindow> {
        @Override
        public RateWindow convert(String text) {
            try {
                return parse(text);
            } catch (IllegalArgumentException wrong) {
                throw new TypeConversionException(wrong.getMessage());
            }
        }
    }
}
