package io.dmio.app.config;

import io.dmio.app.cli.Arguments;
import io.dmio.app.cli.FileId;
import io.dmio.app.cli.NearMiss;
import io.dmio.app.cli.TextFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * A file with the options of a command, in TOML: each key is the long name of an option, and {@code [tls]} with {@code cert} is the same as
 * {@code tls-cert}. A list gives an option several times; {@code true} gives an option without a value, {@code false} leaves it out.
 * {@code legs} are a mirror's. Options of a server that the command does not have are ignored, so that one file serves all commands. Errors
 * are told with file, line and column.
 */
public final class ConfigFile {

    static final String OPTION = "--config";
    private static final String LEGS = "--legs";
    private static final String LEG = "--leg";
    private static final String MARK = "\ufeff"; // of UTF-8, as Windows editors write it
    private static final Set<String> NOT_HERE = Set.of(OPTION, "--print-config", "--help", "--version");

    private final Path file;
    private final CommandSpec command;
    private final List<String> arguments = new ArrayList<>();
    private final Map<String, String> places = new LinkedHashMap<>();
    private @Nullable CommandSpec server;

    private ConfigFile(Path file, CommandSpec command) {
        this.file = file;
        this.command = command;
    }

    /**
     * Reads a file, and checks each option by itself.
     *
     * @param file which
     * @param command whose options it has
     * @return a command line that says the same
     * @throws ParameterException with one line that says what is wrong, and where
     */
    public static List<String> arguments(Path file, CommandSpec command) {
        return read(file, command).arguments;
    }

    /**
     * Where the options stand in a file.
     *
     * @param file which
     * @param command whose options it has
     * @return file, line and column by the option's name, in the order of the file
     * @throws ParameterException with one line that says what is wrong, and where
     */
    public static Map<String, String> places(Path file, CommandSpec command) {
        return read(file, command).places;
    }

    private static ConfigFile read(Path file, CommandSpec command) {
        ConfigFile config = new ConfigFile(file, command);
        TomlParseResult parsed = config.parsed();
        if (parsed.hasErrors()) {
            TomlParseError first = parsed.errors().get(0);
            throw config.refusal(first.position(), String.valueOf(first.getMessage()));
        }
        config.table("-", parsed);
        return config;
    }

    private TomlParseResult parsed() {
        try {
            String text = TextFile.read(file);
            return Toml.parse(text.startsWith(MARK) ? text.substring(1) : text);
        } catch (NoSuchFileException none) {
            throw refusal(null, "no such file");
        } catch (IOException unread) {
            throw refusal(null, "cannot be read: " + FileId.reason(unread));
        }
    }

    private void table(String prefix, TomlTable table) {
        for (String key : table.keySet()) {
            String name = prefix + "-" + key;
            Object value = Objects.requireNonNull(table.get(List.of(key)));
            TomlPosition at = table.inputPositionOf(List.of(key));
            if (value instanceof TomlTable inner) {
                table(name, inner);
            } else {
                OptionSpec option = option(name.equals(LEGS) ? LEG : name, at);
                if (command.findOption(option.longestName()) == null) {
                    continue; // a server's, which this command has no use for
                }
                places.put(option.longestName(), place(at));
                if (value instanceof TomlArray list) {
                    for (int i = 0; i < list.size(); i++) {
                        give(option, list.get(i), list.inputPositionOf(i));
                    }
                } else {
                    give(option, value, at);
                }
            }
        }
    }

    private OptionSpec option(String name, @Nullable TomlPosition at) {
        OptionSpec option = command.findOption(name);
        if (option == null && server().isPresent()) {
            option = server().get().findOption(name);
        }
        if (option != null && !NOT_HERE.contains(name)) {
            return option;
        }
        List<String> alike = NearMiss.of(key(name), keys(server().orElse(command)));
        String advice = alike.isEmpty()
                ? "see " + command.qualifiedName(" ") + " --help"
                : "did you mean " + String.join(" or ", alike) + "?";
        throw refusal(at, "'" + key(name) + "' is no option of " + command.qualifiedName(" ") + ": " + advice);
    }

    private static List<String> keys(CommandSpec command) {
        return command.options().stream()
                .map(OptionSpec::longestName)
                .filter(name -> !NOT_HERE.contains(name))
                .map(ConfigFile::key)
                .toList();
    }

    /** Returns the server's command, described once and only when it is needed: that takes as long as a short command runs. */
    private Optional<CommandSpec> server() {
        CommandSpec parent = command.parent();
        if (server == null && parent != null && parent.userObject() instanceof SharedConfig group) {
            server = group.server();
        }
        return Optional.ofNullable(server);
    }

    static boolean isNotInFiles(String name) {
        return NOT_HERE.contains(name) || name.equals(LEG);
    }

    /** Returns the name of an option in files. */
    public static String key(String name) {
        return name.equals(LEG) ? LEGS.substring(2) : name.substring(2);
    }

    private void give(OptionSpec option, @Nullable Object value, @Nullable TomlPosition at) {
        String name = option.longestName();
        boolean flag = option.arity().max() == 0;
        if (flag && !(value instanceof Boolean)) {
            throw refusal(at, key(name) + " is true or false");
        }
        if (flag) {
            if (Boolean.TRUE.equals(value)) {
                arguments.add(name);
            }
            return;
        }
        if (name.equals(LEG) && !(value instanceof String leg && !leg.isEmpty())) {
            throw refusal(at, "a leg is the name of a file, a disk or an export, in quotes");
        }
        if (value instanceof TomlTable || value instanceof TomlArray || value instanceof Boolean || value == null) {
            throw refusal(at, key(name) + " is text or a number");
        }
        check(option, value.toString(), at);
        arguments.add(name + "=" + value);
    }

    /** Converts a value as the command line would, so that a refusal tells the line. */
    private void check(OptionSpec option, String value, @Nullable TomlPosition at) {
        OptionSpec alone = OptionSpec.builder(option.longestName())
                .arity(option.arity().toString())
                .type(option.type())
                .auxiliaryTypes(option.auxiliaryTypes())
                .converters(option.converters())
                .paramLabel(option.paramLabel())
                .build();
        try {
            Arguments.takenBy(new CommandLine(CommandSpec.create().addOption(alone)))
                    .parseArgs(option.longestName() + "=" + value);
        } catch (ParameterException wrong) {
            throw refusal(at, String.valueOf(wrong.getMessage()));
        }
    }

    private ParameterException refusal(@Nullable TomlPosition at, String why) {
        return new ParameterException(command.commandLine(), place(at) + ": " + why);
    }

    private String place(@Nullable TomlPosition at) {
        return file + (at == null ? "" : ":" + at.line() + ":" + at.column());
    }
}
