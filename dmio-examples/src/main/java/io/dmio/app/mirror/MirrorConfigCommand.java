package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.ExitCode;
import io.dmio.app.cli.HelpCommand;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmio mirror config}: what a mirror's file says. */
@Command(
        name = "config",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        header = "Check the file that a mirror is served by.",
        description = "",
        commandListHeading = "%nCommands:%n")
final class MirrorConfigCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    private MirrorConfigCommand() {}

    static CommandLine of(CommandContext context) {
        return new CommandLine(new MirrorConfigCommand())
                .addSubcommand(new Check(context))
                .addSubcommand(new HelpCommand());
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command: use check");
    }

    /** {@code dmio mirror config check FILE}. */
    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            header = "Say what is wrong in a file for mirror serve --config, and where.",
            footer = {"", "Example:", "  dmio mirror config check /etc/dmio/store.toml"})
    static final class Check implements Callable<Integer> {

        private final CommandContext context;

        @Parameters(paramLabel = "FILE", description = "The file (TOML).")
        private Path file = Path.of("");

        Check(CommandContext context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            ServeLine.of(context, file);
            context.console().out().println(file + ": is good");
            return ExitCode.GOOD;
        }
    }
}
