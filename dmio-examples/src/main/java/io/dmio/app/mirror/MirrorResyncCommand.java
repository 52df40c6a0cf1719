package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.RateOption;
import io.dmio.mirror.MirrorOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code dmio mirror resync}: brings legs what they lack. */
@Command(
        name = "resync",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Bring every leg what it lacks, and nothing else.",
        description = {
            "",
            "Also after a crash: what was being written then is made equal. Ctrl-C stops it; the next one goes on there.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  dmio mirror resync a.img b.img",
            "  dmio mirror resync --rate 50M /dev/sdx /dev/sdy"
        })
final class MirrorResyncCommand implements Callable<Integer> {

    private final CommandContext context;

    @Mixin
    private MirrorLegs legs = new MirrorLegs();

    @Mixin
    private RateOption rate = new RateOption();

    MirrorResyncCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        MirrorOptions options = MirrorOptions.builder()
                .resyncBytesPerSecond(1, rate.bytesPerSecondMax())
                .build();
        try (MirrorRun run = MirrorRun.open(context, legs, options)) {
            return run.end(new MirrorText(context.console(), legs.json()), true);
        }
    }
}
