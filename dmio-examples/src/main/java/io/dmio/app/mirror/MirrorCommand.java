package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.HelpCommand;
import io.dmio.app.cli.Subcommands;
import io.dmio.app.config.SharedConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code dmio mirror}: what operators do with mirrors, by the server that has the mirror, otherwise on the legs themselves. */
@Command(
        name = "mirror",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        header = MirrorCommand.HEADER,
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

    /** What the command is for, in a line of the help. */
    public static final String HEADER = "Make mirrors of files and disks, look after them, and repair them.";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    private final CommandContext context;

    public MirrorCommand(CommandContext context) {
        this.context = context;
    }

    /** Returns the commands below it. */
    public static Subcommands commands() {
        return new Subcommands() // in the order of the help
                .add("create", MirrorCreateCommand.HEADER, MirrorCreateCommand::new)
                .add("status", MirrorStatusCommand.HEADER, MirrorStatusCommand::new)
                .add("scan", MirrorScanCommand.HEADER, MirrorScanCommand::new)
                .add("assemble", MirrorAssembleCommand.HEADER, MirrorAssembleCommand::new)
                .add("resync", MirrorResyncCommand.HEADER, MirrorResyncCommand::new)
                .add("scrub", MirrorScrubCommand.HEADER, MirrorScrubCommand::new)
                .add("add", MirrorAddCommand.HEADER, MirrorAddCommand::new)
                .add("remove", MirrorRemoveCommand.HEADER, MirrorRemoveCommand::new)
                .add("replace", MirrorReplaceCommand.HEADER, MirrorReplaceCommand::new)
                .add("split", MirrorSplitCommand.HEADER, MirrorSplitCommand::new)
                .add("grow", MirrorGrowCommand.HEADER, MirrorGrowCommand::new)
                .add("pause", MirrorPauseCommand.HEADER, MirrorPauseCommand::new)
                .add("resume", MirrorResumeCommand.HEADER, MirrorResumeCommand::new)
                .add("limit", MirrorLimitCommand.HEADER, MirrorLimitCommand::new)
                .add("reload", MirrorReloadCommand.HEADER, MirrorReloadCommand::new)
                .add("serve", MirrorServeCommand.HEADER, MirrorServeCommand::new)
                .add("page", MirrorPageCommand.HEADER, MirrorPageCommand::new)
                .add(
                        "config",
                        MirrorConfigCommand.HEADER,
                        none -> new MirrorConfigCommand(),
                        MirrorConfigCommand::commands)
                .add(HelpCommand.NAME, HelpCommand.HEADER, none -> new HelpCommand());
    }

    @Override
    public CommandSpec server() {
        return ServeLine.command(context);
    }

    /** Runs without a command. */
    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "no command: use one of "
                        + String.join(", ", spec.commandLine().getSubcommands().keySet()));
    }
}
