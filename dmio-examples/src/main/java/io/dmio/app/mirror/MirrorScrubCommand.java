package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.CommonOptions;
import io.dmio.app.cli.ExitCode;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.ScrubMode;
import io.dmio.mirror.ScrubReport;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dmio mirror scrub}: compares legs, and repairs them. */
@Command(
        name = "scrub",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = MirrorScrubCommand.HEADER,
        description = {
            "",
            "Legs that lack something are brought it first. With --repair, what most legs hold is right; where there is no"
                    + " majority, as with two legs, --from says which leg is.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  dmio mirror scrub a.img b.img",
            "  dmio mirror scrub --repair a.img b.img c.img",
            "  dmio mirror scrub --repair --from a.img a.img b.img"
        })
final class MirrorScrubCommand implements Callable<Integer> {

    /** What it is for, in a line of the help. */
    static final String HEADER = "Compare the legs, sector by sector.";

    private final CommandContext context;

    @Mixin
    private MirrorTarget target = new MirrorTarget();

    @ArgGroup
    private Mode mode = new Mode();

    @Option(
            names = "--from",
            paramLabel = "LEG",
            description = "The leg that is right where there is no majority; with --repair.")
    private String from = "";

    @Option(
            names = "--rate",
            paramLabel = "SIZE",
            converter = CommonOptions.Bytes.class,
            description = "Read at most so much per second: 50M. Default: no limit.")
    private long rate = Long.MAX_VALUE;

    @Option(names = "--detach", description = "Only start it in the server that has the mirror; do not wait.")
    private boolean detach;

    @Option(names = "--stop", description = "Stop the scrub that a server makes.")
    private boolean stop;

    MirrorScrubCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        MirrorOptions options =
                MirrorStarting.options(context).resyncBytesPerSecond(1, rate).build();
        if (!from.isEmpty() && !mode.repairs()) {
            throw new IllegalArgumentException("--from " + from + " says what to repair from: add --repair");
        }
        MirrorText text = new MirrorText(context.console(), target.json());
        if (stop) {
            target.requireServer().steering().stopScrub().block();
            return ExitCode.GOOD;
        }
        try (MirrorRun run = target.open(context, options, new MirrorTarget.Work(rate, detach))) {
            ScrubMode how = !mode.repairs()
                    ? ScrubMode.CHECK
                    : from.isEmpty() ? ScrubMode.REPAIR : ScrubMode.repairFrom(run.leg(from, "--from"));
            if (detach) {
                run.beginScrub(how);
                return text.detached();
            }
            run.resync();
            if (context.shutdown().requested()) {
                return run.isAsked() ? text.left() : text.stopped(run.status());
            }
            Optional<ScrubReport> found = run.scrub(how);
            if (found.isEmpty()) {
                return text.left();
            }
            ScrubReport report = found.get();
            text.scrubbed(report);
            int code = run.end(text, false);
            return context.shutdown().requested() ? ExitCode.STOPPED : report.isEqual() ? code : ExitCode.SOME_FAILED;
        }
    }

    /** Whether to look only, or to make the legs equal. */
    static final class Mode {
        @Option(names = "--check", description = "Compare and report; the default.")
        private boolean check;

        @Option(names = "--repair", description = "Make them equal.")
        private boolean repair;

        boolean repairs() {
            return repair && !check;
        }
    }
}
