package io.dmio.app.cli;

import java.util.List;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code help}, of the app and of each command that has subcommands: prints what {@code --help} of a command prints. */
@Command(
        name = HelpCommand.NAME,
        mixinStandardHelpOptions = true,
        helpCommand = true,
        header = HelpCommand.HEADER,
        description = "")
public final class HelpCommand implements Runnable {

    public static final String NAME = "help";
    public static final String HEADER = "Say what a command does, and which options it has.";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "Which; of its own commands, one after it.")
    private List<String> words = List.of();

    @Override
    public void run() {
        CommandLine command = Objects.requireNonNull(spec.parent()).commandLine();
        for (String word : words) {
            CommandLine below = command.getSubcommands().get(word);
            if (below == null) {
                throw new UnmatchedArgumentException(command, List.of(word));
            }
            command = below;
        }
        command.usage(command.getOut());
    }
}
