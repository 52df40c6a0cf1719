package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.Subcommands;
import java.util.List;
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
public final class MirrorCommand implements Runnable {

    private static final Subcommands COMMANDS = new Subcommands()
            .add("create", MirrorCreateCommand::new)
            .add("status", MirrorStatusCommand::new)
            .add("scan", MirrorScanCommand::new)
            .add("assemble", MirrorAssembleCommand::new)
            .add("resync", MirrorResyncCommand::new)
            .add("scrub", MirrorScrubCommand::new)
            .add("add", MirrorAddCommand::new)
            .add("remove", MirrorRemoveCommand::new)
            .add("replace", MirrorReplaceCommand::new)
            .add("split", MirrorSplitCommand::new)
            .add("grow", MirrorGrowCommand::new)
            .add("pause", MirrorPauseCommand::new)
            .add("resume", MirrorResumeCommand::new)
            .add("limit", MirrorLimitCommand::new)
            .add("reload", MirrorReloadCommand::new)
            .add("serve", MirrorServeCommand::new)
            .add("page", MirrorPageCommand::new)
            .add("config", MirrorConfigCommand::of);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    private MirrorCommand() {}

    /** The command with all below it. */
    public static CommandLine of(CommandContext context) {
        return of(context, List.of());
    }

    /**
     * The command with those below it that are asked for.
     *
     * @param words what the command line has after its name
     */
    public static CommandLine of(CommandContext context, List<String> words) {
        CommandLine line = new CommandLine(new MirrorCommand());
        COMMANDS.describe(line, context, words);
        return line;
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
