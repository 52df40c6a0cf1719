package io.dmio.app.mirror;

import io.dmio.Sectors;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.Sizes;
import io.dmio.mirror.MirrorOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dmio mirror split}: makes a leg an image of its own. */
@Command(
        name = "split",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = MirrorSplitCommand.HEADER,
        description = {
            "",
            "It has everything the mirror has at that moment. The image begins at the first byte and is as long as the mirror;"
                    + " what comes after it meant something to the mirror only.",
            ""
        },
        footer = {"", "Examples:", "  dmio mirror split a.img b.img c.img --out c.img"})
final class MirrorSplitCommand implements Callable<Integer> {

    /** What it is for, in a line of the help. */
    static final String HEADER = "Take a leg out as an independent, consistent image.";

    private final CommandContext context;

    @Mixin
    private MirrorTarget target = new MirrorTarget();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "LEG",
            description = "The leg that goes: its path, or its number.")
    private String out = "";

    MirrorSplitCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        MirrorOptions options = MirrorStarting.options(context).build();
        try (MirrorRun run = target.open(context, options)) {
            int leaving = run.leg(out, "--out");
            run.resync();
            run.split(leaving);
            MirrorText text = new MirrorText(context.console(), target.json());
            text.say(out + " is an image of its own now: its first "
                    + Sizes.counted(Sectors.toBytes(run.status().sectorCount()), "byte"));
            return run.end(text, true);
        }
    }
}
