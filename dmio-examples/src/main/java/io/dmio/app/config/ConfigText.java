package io.dmio.app.config;

import io.dmio.app.cli.OneLine;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Writes the file that says the same as a command line. */
public final class ConfigText {

    private ConfigText() {}

    /**
     * Writes a command line as a file.
     *
     * @param line the line of a mirror's command
     * @param legs as they are given
     */
    public static String of(ParseResult line, List<String> legs) {
        StringBuilder toml = new StringBuilder("legs = " + list(legs) + "\n");
        for (OptionSpec option : line.matchedOptionsSet()) {
            String key = ConfigFile.key(option.longestName());
            boolean isOption = line.commandSpec().findOption(option.longestName()) != null;
            if (isOption && !ConfigFile.isNotInFiles(option.longestName())) {
                toml.append(key).append(" = ").append(value(option)).append('\n');
            }
        }
        return toml.toString();
    }

    private static String value(OptionSpec option) {
        if (option.arity().max() == 0) {
            return "true";
        }
        List<String> given = option.originalStringValues();
        return option.isMultiValue() ? list(given) : quoted(given.get(given.size() - 1));
    }

    private static String list(List<String> values) {
        return "[" + String.join(", ", values.stream().map(ConfigText::quoted).toList()) + "]";
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(letter -> {
            if (letter == '"' || letter == '\\') {
                quoted.append('\\').appendCodePoint(letter);
            } else if (Character.isISOControl(letter)) {
                quoted.append(String.format("\\u%04x", letter));
            } else if (Character.getType(letter) == Character.SURROGATE) {
                throw new IllegalArgumentException(
                        OneLine.of(text) + ": has bytes that are no text, and such a file holds nothing else");
            } else {
                quoted.appendCodePoint(letter);
            }
        });
        return quoted.append('"').toString();
    }
}
