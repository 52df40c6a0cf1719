package io.dmio.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** Finds the words of a command line as they were given, byte for byte: Java decodes them, and loses what is not text. */
public final class Arguments {

    private static final Path AS_GIVEN = Path.of("/proc/self/cmdline");

    private Arguments() {}

    /**
     * Returns the words that Java was given.
     *
     * @param decoded what Java made of them
     * @return the same words if they are text; otherwise words in which {@link FilePath} finds their bytes
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

    /** Sets a command line, and all command lines below it so far, to parse words as all of the app do. */
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

    /** Splits words that each end with a byte 0. */
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
