package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code dmio mirror pause}: pauses the resync and scrub that a server makes. */
@Command(
        name = "pause",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = MirrorPauseCommand.HEADER,
        footer = {
            "",
            "Examples:",
            "  dmio mirror pause a.img b.img",
            "  dmio mirror pause               the only one that runs"
        })
final class MirrorPauseCommand implements Callable<Integer> {

    /** What it is for, in a line of the help. */
    static final String HEADER = "Hold resync and scrub in the server, until resumed.";

    private final CommandContext context;

    @Mixin
    private MirrorTarget target = new MirrorTarget();

    MirrorPauseCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        MirrorServer server = target.requireServer();
        server.steering().pause(true).block();
        new MirrorText(context.console(), target.json()).say("resync and scrub wait until dmio mirror resume");
        return ExitCode.GOOD;
    }
}
