package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.RateOption;
import io.dmio.mirror.MirrorOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dmio mirror add}: one leg more. */
@Command(
        name = "add",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Add a leg, and copy everything to it.",
        description = {
            "",
            "One that was part of the mirror before gets only what it missed. A missing one becomes a file.",
            ""
        },
        footer = {"", "Examples:", "  dmio mirror add a.img b.img --new c.img", "  dmio mirror add a.img --new /dev/sdx"
        })
final class MirrorAddCommand implements Callable<Integer> {

    private final CommandContext context;

    @Mixin
    private MirrorLegs legs = new MirrorLegs();

    @Option(names = "--new", required = true, paramLabel = "LEG", description = "The leg to add.")
    private String fresh = "";

    @Option(
            names = "--force",
            description = "Even if it carries another mirror or holds something else, which is lost then.")
    private boolean force;

    @Mixin
    private RateOption rate = new RateOption();

    @Option(names = "--no-wait", description = "Do not copy now; dmio mirror resync does it later.")
    private boolean noWait;

    MirrorAddCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        MirrorOptions options = MirrorOptions.builder()
                .overwrite(force)
                .resyncBytesPerSecond(1, rate.bytesPerSecondMax())
                .build();
        try (MirrorRun run = MirrorRun.open(context, legs, options)) {
            MirrorLegs.Opening another = legs.another(context, fresh, run.legBytes(), force);
            run.add(force ? another : another.requireRoom(0, options));
            return run.end(new MirrorText(context.console(), legs.json()), !noWait);
        }
    }
}
