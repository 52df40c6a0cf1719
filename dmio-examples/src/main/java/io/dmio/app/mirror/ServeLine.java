package io.dmio.app.mirror;

import io.dmio.app.cli.Arguments;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.config.ConfigFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * A command line of {@code dmio mirror serve} with the options of its file.
 *
 * @param command the command that it is for
 * @param parsed what it says
 * @param places where the file says it: file, line and column by the option's name
 */
record ServeLine(MirrorServeCommand command, ParseResult parsed, Map<String, String> places) {

    private static final String GROUP = "mirror";
    private static final String NAME = "serve";
    private static final String LEG = "--leg";

    /** Returns the command, named as it is below the others, none of which is described. */
    static CommandSpec command(CommandContext context) {
        return command(dmio(context));
    }

    /**
     * Reads a command line as if it were given now.
     *
     * @param words the words of the whole command line
     * @param file the file that is among them
     * @throws CommandLine.ParameterException with what is wrong, and where
     * @throws IllegalArgumentException the same, of what the options come to together
     */
    static ServeLine read(CommandContext context, List<String> words, Path file) {
        return read(dmio(context), words, file);
    }

    /**
     * Reads a file as if the command line had nothing else.
     *
     * @throws CommandLine.ParameterException with what is wrong, and where
     * @throws IllegalArgumentException the same, of what the options come to together
     */
    static ServeLine of(CommandContext context, Path file) {
        CommandLine dmio = dmio(context);
        List<String> options = ConfigFile.arguments(file, command(dmio));
        return read(
                dmio, Stream.concat(Stream.of(GROUP, NAME), options.stream()).toList(), file);
    }

    private static CommandLine dmio(CommandContext context) {
        CommandLine group = new CommandLine(CommandSpec.create().name(GROUP));
        group.addSubcommand(NAME, new MirrorServeCommand(context));
        return Arguments.takenBy(new CommandLine(CommandSpec.create().name("dmio")).addSubcommand(group));
    }

    private static CommandSpec command(CommandLine dmio) {
        return below(below(dmio, GROUP), NAME).getCommandSpec();
    }

    private static CommandLine below(CommandLine command, String name) {
        return Objects.requireNonNull(command.getSubcommands().get(name), name);
    }

    private static ServeLine read(CommandLine dmio, List<String> words, Path file) {
        ParseResult parsed =
                dmio.parseArgs(words.toArray(String[]::new)).subcommand().subcommand();
        CommandSpec serve = parsed.commandSpec();
        ServeLine line = new ServeLine((MirrorServeCommand) serve.userObject(), parsed, ConfigFile.places(file, serve));
        line.check(file);
        return line;
    }

    /**
     * Checks the options together.
     *
     * @param file the file that has some of them
     * @throws IllegalArgumentException with what is wrong, and where, if nothing could be served with them
     */
    void check(Path file) {
        check(file, command::checkLegs, message -> LEG);
        check(file, command::checkOptions, message -> message.split("[ :]", 2)[0]);
    }

    private void check(Path file, Runnable checks, UnaryOperator<String> option) {
        try {
            checks.run();
        } catch (IllegalArgumentException wrong) {
            String message = String.valueOf(wrong.getMessage());
            throw new IllegalArgumentException(
                    places.getOrDefault(option.apply(message), file.toString()) + ": " + message, wrong);
        }
    }

    /** Returns the names of options in which another line differs from this one; legs are not among them. */
    List<String> differences(ServeLine other) {
        return new TreeSet<>(Stream.concat(names(), other.names()).toList())
                .stream()
                        .filter(Predicate.not(name -> values(name).equals(other.values(name))))
                        .toList();
    }

    private Stream<String> names() {
        return parsed.matchedOptions().stream().map(OptionSpec::longestName).filter(Predicate.not(LEG::equals));
    }

    private List<String> values(String name) {
        return parsed.hasMatchedOption(name) ? parsed.matchedOption(name).originalStringValues() : List.of();
    }
}
