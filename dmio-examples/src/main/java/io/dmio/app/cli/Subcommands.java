package io.dmio.app.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import picocli.CommandLine;

/**
 * The commands below another one, in the order of its help. Describing all of them to picocli takes longer than a short command runs,
 * so only those are described that the words of the command line can be about.
 */
public final class Subcommands {

    private static final List<String> VERSION = List.of("--version");
    private static final Set<List<String>> SHOW_VERSION = Set.of(List.of("-V"), VERSION);
    private static final Set<List<String>> SHOW_HELP = Set.of(List.of("-h"), List.of("--help"));

    private final Map<String, Maker> makers = new LinkedHashMap<>();

    /** Makes a command that has others below it. */
    @FunctionalInterface
    public interface Maker {
        /**
         * Makes it.
         *
         * @param context what it runs in
         * @param words what the command line has after the command's name
         * @return the command, or its {@link CommandLine}
         */
        Object of(CommandContext context, List<String> words);
    }

    /** One more, with all that is below it. */
    public Subcommands add(String name, Function<CommandContext, Object> command) {
        return addParent(name, (context, words) -> command.apply(context));
    }

    /** One more, with what the words ask for of the commands below it. */
    public Subcommands addParent(String name, Maker command) {
        makers.put(name, command);
        return this;
    }

    /** Their names. */
    public Set<String> names() {
        return makers.keySet();
    }

    /**
     * Describes the one that the first word names, else all of them; none, where only the version is asked for.
     *
     * @param line the command that they are below
     * @param context what they run in
     * @param words what the command line has after that command's name
     */
    public void describe(CommandLine line, CommandContext context, List<String> words) {
        if (!words.isEmpty() && makers.containsKey(words.get(0))) {
            describe(line, context, words.get(0), words.subList(1, words.size()));
        } else if (!SHOW_VERSION.contains(words)) {
            // A help shows the commands below, and of what is below these no more than their version does.
            List<String> below = SHOW_HELP.contains(words) ? VERSION : List.of();
            names().forEach(name -> describe(line, context, name, below));
        }
    }

    private void describe(CommandLine line, CommandContext context, String name, List<String> words) {
        Maker maker = Objects.requireNonNull(makers.get(name));
        line.addSubcommand(name, maker.of(context, words));
    }
}
