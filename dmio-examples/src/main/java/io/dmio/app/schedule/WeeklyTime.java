package io.dmio.app.schedule;

import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.ZonedDateTime;
import java.time.format.DateTimeParseException;
import java.time.format.TextStyle;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A time of each week, or of each day. If the clocks are put forward over it, it comes later by as much; if they are put back, it comes once.
 *
 * @param day the day of the week; each day if empty
 * @param time the time by the clock on the wall
 */
record WeeklyTime(Optional<DayOfWeek> day, LocalTime time) {

    private static final int DAYS = 7;

    /** Reads text such as {@code Sun 03:00}, or {@code 03:00} for each day. */
    static WeeklyTime parse(String text) {
        String[] words = text.strip().split("\\s+", -1);
        if (words.length > 2) {
            throw refusal(text);
        }
        Optional<DayOfWeek> day = words.length == 1 ? Optional.empty() : Optional.of(day(words[0], text));
        return new WeeklyTime(day, time(words[words.length - 1]).orElseThrow(() -> refusal(text)));
    }

    /** Returns the first such time after a moment. */
    ZonedDateTime next(ZonedDateTime after) {
        return IntStream.rangeClosed(0, DAYS + 1) // one more, for a day on which the clocks are put forward
                .mapToObj(after.toLocalDate()::plusDays)
                .filter(date -> day.isEmpty() || day.get() == date.getDayOfWeek())
                .map(date -> ZonedDateTime.of(date, time, after.getZone()))
                .filter(at -> at.isAfter(after))
                .findFirst()
                .orElseThrow();
    }

    /** Reads a time of the day, such as 03:00. */
    static Optional<LocalTime> time(String text) {
        try {
            return Optional.of(LocalTime.parse(text.length() == 4 ? "0" + text : text));
        } catch (DateTimeParseException wrong) {
            return Optional.empty();
        }
    }

    private static DayOfWeek day(String word, String text) {
        Predicate<DayOfWeek> isMeant =
                day -> day.name().equalsIgnoreCase(word) || name(day).equalsIgnoreCase(word);
        return Stream.of(DayOfWeek.values()).filter(isMeant).findFirst().orElseThrow(() -> refusal(text));
    }

    private static String name(DayOfWeek day) {
        return day.getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
    }

    private static IllegalArgumentException refusal(String text) {
        return new IllegalArgumentException("'" + text
                + "' is no time of the week: write Sun 03:00, or 03:00 for each day ("
                + Arrays.stream(DayOfWeek.values()).map(WeeklyTime::name).collect(Collectors.joining(", ")) + ")");
    }

    /** The converter for picocli. */
    static final class Converter implements ITypeConverter<WeeklyTime> {
        @Override
        public WeeklyTime convert(String text) {
            try {
                return parse(text);
            } catch (IllegalArgumentException wrong) {
                throw new TypeConversionException(wrong.getMessage());
            }
        }
    }
}
