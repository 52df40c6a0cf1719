package io.dmio.app.mirror;

import io.dmio.Sectors;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.RateOption;
import io.dmio.mirror.MirrorOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dmio mirror add}: adds a leg. */
@Command(
        name = "add",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = MirrorAddCommand.HEADER,
        description = {
            "",
            "One that was part of the mirror before gets only what it missed. A missing one becomes a file. A mirror that is"
                    + " served goes on meanwhile: its server does it.",
            ""
        },
        footer = {"", "Examples:", "  dmio mirror add a.img b.img --new c.img", "  dmio mirror add a.img --new /dev/sdx"
        })
final class MirrorAddCommand implements Callable<Integer> {

    /** What the command is for, in a line of the help. */
    static final String HEADER = "Add a leg, and copy everything to it.";

    private final CommandContext context;

    @Mixin
    private MirrorTarget target = new MirrorTarget();

    @Option(names = "--new", required = true, paramLabel = "LEG", description = "The leg to add.")
    private String fresh = "";

    @Option(
            names = "--force",
            description = "Even if it carries another mirror or holds something else, which is lost then.")
    private boolean force;

    @Mixin
    private RateOption rate = new RateOption();

    @Option(
            names = {"--no-wait", "--detach"},
            description = "Do not wait for the copy: a server makes it meanwhile, else dmio mirror resync does later.")
    private boolean noWait;

    MirrorAddCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        MirrorOptions options = MirrorStarting.options(context)
                .overwrite(force)
                .blockBytes(Sectors.PAGE_BYTES) // nobody relies on smaller ones, so a leg may have such blocks
                .resyncBytesPerSecond(1, rate.bytesPerSecondMax())
                .build();
        MirrorTarget.Work work = new MirrorTarget.Work(rate.bytesPerSecondMax(), false);
        try (MirrorRun run = target.open(context, options, work)) {
            run.add(fresh, force);
            return run.end(new MirrorText(context.console(), target.json()), !noWait);
        }
    }
}
