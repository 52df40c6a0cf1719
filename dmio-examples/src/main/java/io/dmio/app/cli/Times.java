package io.dmio.app.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads and writes durations as people do: {@code 200ms}, {@code 1s}, {@code 2m} in; {@code about 8 min} out. */
public final class Times {

    private static final Pattern TIME = Pattern.compile("([0-9]{1,9})(ms|s|m)");

    private Times() {}

    /**
     * Reads a duration.
     *
     * @param text digits and ms, s or m
     * @throws IllegalArgumentException saying what would be right
     */
    public static Duration parse(String text) {
        Matcher time = TIME.matcher(text);
        if (!time.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a duration: write 200ms, 5s or 2m");
        }
        long number = Long.parseLong(time.group(1));
        return switch (time.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            default -> Duration.ofMinutes(number);
        };
    }

    /**
     * Writes a duration that is only roughly known.
     *
     * @param time any
     * @return {@code about 21 s}, {@code about 8 min}
     */
    public static String about(Duration time) {
        long seconds = Math.max(1, (time.toMillis() + 500) / 1000);
        return "about " + (seconds < 100 ? seconds + " s" : (seconds + 30) / 60 + " min");
    }

    /** The converter for options. */
    public static final class Converter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            try {
                return parse(text);
            } catch (IllegalArgumentException bad) {
                throw new TypeConversionException(bad.getMessage());
            }
        }
    }
}
