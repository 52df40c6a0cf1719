package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.RateOption;
import io.dmio.mirror.MirrorOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dmio mirror resync}: copies to legs what they lack. */
@Command(
        name = "resync",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = MirrorResyncCommand.HEADER,
        description = {
            "",
            "Also after a crash: what was being written then is made equal. Ctrl-C stops it; the next one goes on there. A server"
                    + " that has the mirror does it, and goes on after a Ctrl-C.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  dmio mirror resync a.img b.img",
            "  dmio mirror resync --rate 50M /dev/sdx /dev/sdy"
        })
final class MirrorResyncCommand implements Callable<Integer> {

    /** What it is for, in a line of the help. */
    static final String HEADER = "Bring every leg what it lacks, and nothing else.";

    private final CommandContext context;

    @Mixin
    private MirrorTarget target = new MirrorTarget();

    @Mixin
    private RateOption rate = new RateOption();

    @Option(names = "--detach", description = "Only start it in the server that has the mirror; do not wait.")
    private boolean detach;

    MirrorResyncCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        MirrorOptions options = MirrorStarting.options(context)
                .resyncBytesPerSecond(1, rate.bytesPerSecondMax())
                .build();
        try (MirrorRun run = target.open(context, options, new MirrorTarget.Work(rate.bytesPerSecondMax(), detach))) {
            MirrorText text = new MirrorText(context.console(), target.json());
            if (detach) {
                run.begin();
                return text.detached();
            }
            return run.end(text, true);
        }
    }
}
