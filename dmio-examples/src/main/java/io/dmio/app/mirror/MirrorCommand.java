package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.HelpCommand;
import io.dmio.app.config.SharedConfig;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code dmio mirror}: what operators do with mirrors, by the server that has one, else on the legs themselves. */
@Command(
        name = "mirror",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        header = "Make mirrors of files and disks, look after them, and repair them.",
        description = {
            "",
            "A mirror keeps the same bytes on 1 to 16 legs and knows, also after a crash, which of them lacks what. Name all"
                    + " of its legs, in any order; what is written at their ends tells the rest. A server that has the mirror is asked;"
                    + " else the command does it itself."
        },
        commandListHeading = "%nCommands:%n",
        footer = {
            "",
            "Examples:",
            "  dmio mirror create --size 1G a.img b.img        two new files",
            "  dmio mirror status a.img b.img",
            "  dmio mirror add a.img b.img --new c.img         a third leg",
            "  dmio mirror replace a.img b.img --old b.img --new d.img",
            "  dmio mirror scrub --check a.img b.img           are they still equal?",
            "  dmio mirror serve a.img nbd://host2/disk        to NBD clients, a leg elsewhere",
            "",
            "Exit codes: 0 all legs are in sync; 1 misuse, or refused; 2 something failed or",
            "is not in sync, and was named; 130 Ctrl-C."
        })
public final class MirrorCommand implements Runnable, SharedConfig {

    private static final List<Function<CommandContext, Object>> COMMANDS = List.of(
            MirrorCreateCommand::new,
            MirrorStatusCommand::new,
            MirrorScanCommand::new,
            MirrorAssembleCommand::new,
            MirrorResyncCommand::new,
            MirrorScrubCommand::new,
            MirrorAddCommand::new,
            MirrorRemoveCommand::new,
            MirrorReplaceCommand::new,
            MirrorSplitCommand::new,
            MirrorGrowCommand::new,
            MirrorPauseCommand::new,
            MirrorResumeCommand::new,
            MirrorLimitCommand::new,
            MirrorReloadCommand::new,
            MirrorServeCommand::new,
            MirrorPageCommand::new,
            MirrorConfigCommand::of);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    private final CommandContext context;

    private MirrorCommand(CommandContext context) {
        this.context = context;
    }

    /** The command with those below it. */
    public static CommandLine of(CommandContext context) {
        CommandLine line = new CommandLine(new MirrorCommand(context));
        COMMANDS.forEach(command -> line.addSubcommand(command.apply(context)));
        return line.addSubcommand(new HelpCommand());
    }

    @Override
    public CommandSpec server() {
        return ServeLine.command(context);
    }

    /** Without a command. */
    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "no command: use one of "
                        + String.join(", ", spec.commandLine().getSubcommands().keySet()));
    }
}
