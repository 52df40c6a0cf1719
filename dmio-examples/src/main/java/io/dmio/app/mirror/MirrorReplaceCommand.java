package io.dmio.app.mirror;

import io.dmio.Sectors;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.RateOption;
import io.dmio.mirror.MirrorOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dmio mirror replace}: puts another leg in the place of one. */
@Command(
        name = "replace",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = MirrorReplaceCommand.HEADER,
        description = {
            "",
            "The new leg gets everything first, and only then the old one goes, which is a plain image afterwards.",
            "One that has failed may have its place taken by what has its very name now: then the old one goes first.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  dmio mirror replace a.img b.img --old b.img --new c.img",
            "  dmio mirror replace a.img --old 1 --new c.img   leg 1 is lost",
            "  dmio mirror replace a.img --degraded --old 1 --new c.img   it was in sync when it was lost"
        })
final class MirrorReplaceCommand implements Callable<Integer> {

    /** What it is for, in a line of the help. */
    static final String HEADER = "Put another leg in the place of one, with never a copy less.";

    private final CommandContext context;

    @Mixin
    private MirrorTarget target = new MirrorTarget();

    @Option(
            names = "--old",
            required = true,
            paramLabel = "LEG",
            description = "The leg that goes: its path, or its number.")
    private String old = "";

    @Option(
            names = "--new",
            required = true,
            paramLabel = "LEG",
            description = "The leg that comes; a missing one becomes a file.")
    private String fresh = "";

    @Option(
            names = "--force",
            description = "Even if the new one carries another mirror or holds something else, which is lost then.")
    private boolean force;

    @Option(
            names = "--degraded",
            description = "Also without a leg that took part when last seen, if it has taken no writes alone since.")
    private boolean degraded;

    @Mixin
    private RateOption rate = new RateOption();

    @Option(names = "--detach", description = "Only start it in the server that has the mirror; do not wait.")
    private boolean detach;

    MirrorReplaceCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        MirrorOptions options = MirrorStarting.options(context)
                .overwrite(force)
                .degraded(degraded)
                .blockBytes(Sectors.PAGE_BYTES) // nobody relies on smaller ones, so a leg may have such blocks
                .resyncBytesPerSecond(1, rate.bytesPerSecondMax())
                .build();
        try (MirrorRun run = target.open(context, options, new MirrorTarget.Work(rate.bytesPerSecondMax(), detach))) {
            int leaving = run.leg(old, "--old");
            MirrorText text = new MirrorText(context.console(), target.json());
            run.replace(leaving, new MirrorRun.Replacement(fresh, force, detach), text);
            return detach ? text.detached() : run.end(text, true);
        }
    }
}
