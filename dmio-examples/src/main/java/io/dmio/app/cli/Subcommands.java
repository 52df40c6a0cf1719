package io.dmio.app.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The commands below another one, in the order of its help. Describing all of them to picocli takes longer than a short command runs, so only
 * what the command line names is described; a help that lists commands uses only their names and headers.
 */
public final class Subcommands {

    private static final Set<List<String>> LISTED = Set.of(List.of(), List.of("-h"), List.of("--help"));
    private static final Set<List<String>> NOT_LISTED = Set.of(List.of("-V"), List.of("--version"));

    private record Command(String header, Function<CommandContext, Object> described, Supplier<Subcommands> below) {}

    private final Map<String, Command> commands = new LinkedHashMap<>();

    /**
     * Adds a command that has none below it.
     *
     * @param name as its description has it
     * @param header as its description has it
     * @param described makes the object that picocli takes its description from
     */
    public Subcommands add(String name, String header, Function<CommandContext, Object> described) {
        return add(name, header, described, Subcommands::new);
    }

    /** Adds a command with others below it. */
    public Subcommands add(
            String name, String header, Function<CommandContext, Object> described, Supplier<Subcommands> below) {
        commands.put(name, new Command(header, described, below));
        return this;
    }

    /** Returns the names of the commands. */
    public Set<String> names() {
        return commands.keySet();
    }

    /**
     * Describes what the words of a command line can mean: the command that the first word names, else as much of all as the answer needs.
     *
     * @param line the command that these are below
     * @param context the context that they run in
     * @param words what the command line has after that command's name
     */
    public void describe(CommandLine line, CommandContext context, List<String> words) {
        Command named = words.isEmpty() ? null : commands.get(words.get(0));
        if (named != null && !words.get(0).equals(HelpCommand.NAME)) {
            CommandLine one = described(line, context, words.get(0), named);
            named.below.get().describe(one, context, words.subList(1, words.size()));
        } else if (LISTED.contains(words)) {
            commands.forEach((name, command) -> line.addSubcommand(name, listed(name, command)));
        } else if (!NOT_LISTED.contains(words)) {
            describeAll(line, context);
        }
    }

    /** Describes all of them, and all that is below them. */
    public void describeAll(CommandLine line, CommandContext context) {
        commands.forEach(
                (name, command) -> command.below.get().describeAll(described(line, context, name, command), context));
    }

    private static CommandLine described(CommandLine line, CommandContext context, String name, Command command) {
        CommandLine one = new CommandLine(command.described.apply(context));
        line.addSubcommand(name, one);
        return one;
    }

    private static CommandSpec listed(String name, Command command) {
        CommandSpec spec = CommandSpec.create().name(name);
        spec.usageMessage().header(command.header);
        return spec;
    }
}
