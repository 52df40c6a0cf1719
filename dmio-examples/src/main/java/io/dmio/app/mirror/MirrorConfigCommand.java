package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.ExitCode;
import io.dmio.app.cli.HelpCommand;
import io.dmio.app.cli.Subcommands;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmio mirror config}: checks what a mirror's file says. */
@Command(
        name = "config",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        header = MirrorConfigCommand.HEADER,
        description = "",
        commandListHeading = "%nCommands:%n")
final class MirrorConfigCommand implements Runnable {

    /** What it is for, in a line of the help. */
    static final String HEADER = "Check the file that a mirror is served by.";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    MirrorConfigCommand() {}

    /** Returns the commands below it. */
    static Subcommands commands() {
        return new Subcommands()
                .add("check", Check.HEADER, Check::new)
                .add(HelpCommand.NAME, HelpCommand.HEADER, none -> new HelpCommand());
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command: use check");
    }

    /** {@code dmio mirror config check FILE}. */
    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            header = Check.HEADER,
            footer = {"", "Example:", "  dmio mirror config check /etc/dmio/store.toml"})
    static final class Check implements Callable<Integer> {

        /** What it is for, in a line of the help. */
        static final String HEADER = "Say what is wrong in a file for mirror serve --config, and where.";

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
