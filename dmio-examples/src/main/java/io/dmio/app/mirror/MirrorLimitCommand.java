package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.ExitCode;
import io.dmio.app.cli.RateOption;
import io.dmio.app.cli.Sizes;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code dmio mirror limit}: limits the resync and scrub that a server makes. */
@Command(
        name = "limit",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = MirrorLimitCommand.HEADER,
        footer = {
            "",
            "Examples:",
            "  dmio mirror limit --rate 50M a.img b.img",
            "  dmio mirror limit a.img b.img                no limit"
        })
final class MirrorLimitCommand implements Callable<Integer> {

    /** What it is for, in a line of the help. */
    static final String HEADER = "Limit resync and scrub in the server from now on.";

    private final CommandContext context;

    @Mixin
    private MirrorTarget target = new MirrorTarget();

    @Mixin
    private RateOption rate = new RateOption();

    MirrorLimitCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        long most = rate.bytesPerSecondMax();
        target.requireServer().steering().limit(most).block();
        new MirrorText(context.console(), target.json())
                .say("resync and scrub run "
                        + (most == Long.MAX_VALUE ? "without a limit" : "at " + Sizes.human(most) + "/s at most"));
        return ExitCode.GOOD;
    }
}
