package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.RateOption;
import io.dmio.app.control.RunDirectoryOption;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import reactor.core.publisher.Mono;

/** {@code dmio mirror assemble}: starts a mirror whose legs do not agree, by a decision of its operator. */
@Command(
        name = "assemble",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = MirrorAssembleCommand.HEADER,
        description = {
            "",
            "Legs that went on without each other, or without one that may have gone on alone, are refused by all other commands:"
                    + " each may hold writes that the others lack. Here the operator decides; it is recorded, and the"
                    + " others get what they lack.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  dmio mirror assemble --degraded a.img          b.img is gone, and took no writes alone",
            "  dmio mirror assemble --trust a.img a.img b.img  what only b.img has is lost",
            "  dmio mirror assemble --takeover a.img b.img    the machine that had it open is off"
        })
final class MirrorAssembleCommand implements Callable<Integer> {

    /** What it is for, in a line of the help. */
    static final String HEADER = "Decide which legs count, where they cannot know it themselves.";

    private final CommandContext context;

    @Mixin
    private MirrorLegs legs = new MirrorLegs();

    @Option(
            names = "--degraded",
            description =
                    "Start without legs that took part when last seen. Only if you know that they have not gone on alone.")
    private boolean degraded;

    @Option(
            names = "--trust",
            paramLabel = "LEG",
            description = "This leg is right: the others get all of it, and what only they have is lost.")
    private String trusted = "";

    @Mixin
    private RateOption rate = new RateOption();

    @Mixin
    private RunDirectoryOption directory = new RunDirectoryOption();

    @Mixin
    private TakeoverOption takeover = new TakeoverOption();

    @Option(names = "--no-wait", description = "Do not copy now; dmio mirror resync does it later.")
    private boolean noWait;

    MirrorAssembleCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        MirrorServer.requireNone(directory.get(), legs, "it runs, so there is nothing to decide");
        MirrorOptions.Builder options = MirrorStarting.options(context)
                .degraded(degraded)
                .owner(takeover.owner(context))
                .resyncBytesPerSecond(1, rate.bytesPerSecondMax());
        if (!trusted.isEmpty()) {
            legs.indexOf(trusted, "--trust"); // or it is refused before anything is opened
        }
        try (MirrorRun run = MirrorRun.start(context, legs, opened -> open(opened, options), legs.open(context))) {
            return run.end(new MirrorText(context.console(), legs.json()), !noWait);
        }
    }

    private Mono<MirrorDevice> open(MirrorLegs.Opened opened, MirrorOptions.Builder options) {
        if (!trusted.isEmpty()) {
            int index = List.copyOf(opened.there().keySet()).indexOf(trusted);
            if (index < 0) {
                return Mono.error(new IllegalArgumentException("--trust " + trusted + ": is not there"));
            }
            options.trust(index);
        }
        return MirrorDevice.open(opened.devices(), options.build());
    }
}
