package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.mirror.MirrorOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dmio mirror remove}: takes a leg out for good. */
@Command(
        name = "remove",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = MirrorRemoveCommand.HEADER,
        description = {
            "",
            "The others forget it, and it forgets the mirror. The last leg that has everything stays.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  dmio mirror remove a.img b.img c.img --out c.img",
            "  dmio mirror remove a.img b.img --out 2   leg 2 is lost",
            "  dmio mirror remove a.img b.img --degraded --out 2   it was in sync when it was lost"
        })
final class MirrorRemoveCommand implements Callable<Integer> {

    /** What it is for, in a line of the help. */
    static final String HEADER = "Take a leg out for good, also a missing one.";

    private final CommandContext context;

    @Mixin
    private MirrorTarget target = new MirrorTarget();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "LEG",
            description = "The leg that goes: its path, or its number.")
    private String out = "";

    @Option(
            names = "--degraded",
            description = "Also without a leg that took part when last seen, if it has taken no writes alone since.")
    private boolean degraded;

    MirrorRemoveCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        MirrorOptions options =
                MirrorStarting.options(context).degraded(degraded).build();
        try (MirrorRun run = target.open(context, options)) {
            int leaving = run.leg(out, "--out");
            MirrorText text = new MirrorText(context.console(), target.json());
            run.remove(leaving, text);
            return run.end(text, true);
        }
    }
}
