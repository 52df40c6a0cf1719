package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code dmio mirror resume}: resumes the resync and scrub that a server makes. */
@Command(
        name = "resume",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = MirrorResumeCommand.HEADER,
        footer = {
            "",
            "Examples:",
            "  dmio mirror resume a.img b.img",
            "  dmio mirror resume               the only one that runs"
        })
final class MirrorResumeCommand implements Callable<Integer> {

    /** What it is for, in a line of the help. */
    static final String HEADER = "Let resync and scrub in the server go on.";

    private final CommandContext context;

    @Mixin
    private MirrorTarget target = new MirrorTarget();

    MirrorResumeCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        MirrorServer server = target.requireServer();
        server.steering().pause(false).block();
        new MirrorText(context.console(), target.json()).say("resync and scrub go on");
        return ExitCode.GOOD;
    }
}
