package io.dmio.app.mirror;

import io.dmio.Sectors;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.CommonOptions;
import io.dmio.app.cli.RateOption;
import io.dmio.app.cli.Sizes;
import io.dmio.app.control.RunDirectoryOption;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorEvent;
import io.dmio.mirror.MirrorOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dmio mirror grow}: makes a mirror larger. */
@Command(
        name = "grow",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = MirrorGrowCommand.HEADER,
        description = {
            "",
            "Legs have room that were larger than another from the start, or replaced a smaller one: so replace them one after the"
                    + " other by larger ones, then grow.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  dmio mirror grow a.img b.img               as large as they have room for",
            "  dmio mirror grow --size 20G a.img b.img"
        })
final class MirrorGrowCommand implements Callable<Integer> {

    /** What it is for, in a line of the help. */
    static final String HEADER = "Make a mirror larger, as its legs have room.";

    private final CommandContext context;

    @Mixin
    private MirrorLegs legs = new MirrorLegs();

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            converter = CommonOptions.Bytes.class,
            description = "The new size. Default: all there is room for. A multiple of 4K, or it is rounded up.")
    private long size = Long.MAX_VALUE;

    @Mixin
    private RunDirectoryOption directory = new RunDirectoryOption();

    @Mixin
    private RateOption rate = new RateOption();

    @Option(names = "--no-wait", description = "Do not copy now; dmio mirror resync does it later.")
    private boolean noWait;

    MirrorGrowCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        MirrorServer.requireNone(
                directory.get(), legs, "clients cannot be told of another size: stop it, grow, and start it again");
        MirrorOptions options = MirrorStarting.options(context)
                .resyncBytesPerSecond(1, rate.bytesPerSecondMax())
                .build();
        boolean all = size == Long.MAX_VALUE;
        long sectors = all ? size : MirrorLegs.sectors(size);
        try (MirrorRun run = MirrorRun.start(context, legs, devices -> MirrorDevice.grow(devices, sectors, options))) {
            if (!all) {
                MirrorLegs.tellRounded(context, size, sectors);
            }
            if (!hasGrown(run)) {
                tellAlready(run, all);
            }
            return run.end(new MirrorText(context.console(), legs.json()), !noWait);
        }
    }

    private static boolean hasGrown(MirrorRun run) {
        return run.status().lastEvents().stream().anyMatch(event -> event.kind() == MirrorEvent.Kind.GROWN);
    }

    private void tellAlready(MirrorRun run, boolean all) {
        String has = "dmio: the mirror has "
                + Sizes.human(Sectors.toBytes(run.mirror().info().sectorCount())) + " already";
        context.console()
                .err()
                .println(
                        all
                                ? has
                                        + ": its smallest leg has no more room; to grow it, replace that one by a larger one first"
                                : has);
    }
}
