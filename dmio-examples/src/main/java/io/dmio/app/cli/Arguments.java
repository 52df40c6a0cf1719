package io.dmio.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** The words of a command line as they were given, byte for byte: Java decodes them, and what is no text is lost. */
public final class Arguments {

    private static final Path AS_GIVEN = Path.of("/proc/self/cmdline");

    private Arguments() {}

    /**
     * The words that Java was given.
     *
     * @param decoded what it made of them
     * @return the same where they are text; else such that {@link FilePath} finds their bytes
     */
    public static String[] of(String[] decoded) {
        if (Arrays.stream(decoded).noneMatch(word -> word.indexOf('\ufffd') >= 0)) {
            return decoded;
        }
        try {
            List<String> all = split(Files.readAllBytes(AS_GIVEN));
            return all.subList(Math.max(0, all.size() - decoded.length), all.size())
                    .toArray(String[]::new);
        } catch (IOException unknown) {
            return decoded;
        }
    }

    /** Has a command line, with all that is below it by now, take its words apart as every one of the app does. */
    public static CommandLine takenBy(CommandLine line) {
        return line.registerConverter(Path.class, Arguments::path)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExpandAtFiles(false); // names may begin with @
    }

    private static Path path(String given) {
        try {
            return FilePath.of(given);
        } catch (IllegalArgumentException wrong) {
            throw new TypeConversionException(String.valueOf(wrong.getMessage()));
        }
    }

    /** Words that end with a byte 0 each. */
    static List<String> split(byte[] words) {
        List<String> all = new ArrayList<>();
        int from = 0;
        for (int at = 0; at < words.length; at++) {
            if (words[at] == 0) {
                all.add(FilePath.decode(Arrays.copyOfRange(words, from, at)));
                from = at + 1;
            }
        }
        return all;
    }
}
