package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.Console;
import io.dmio.app.cli.ExitCode;
import io.dmio.app.cli.Look;
import io.dmio.mirror.MirrorStatus;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dmio mirror status}: shows how a mirror is; writes nothing. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = MirrorStatusCommand.HEADER,
        footer = {
            "",
            "Examples:",
            "  dmio mirror status a.img b.img",
            "  dmio mirror status --line a.img b.img",
            "  dmio mirror status --watch                  the only one that is served here",
            "  dmio mirror status --json /dev/sdx /dev/sdy"
        })
final class MirrorStatusCommand implements Callable<Integer> {

    /** What it is for, in a line of the help. */
    static final String HEADER = "Show how a mirror is. Writes nothing.";

    private final CommandContext context;

    @Mixin
    private MirrorTarget target = new MirrorTarget();

    @Option(names = "--line", description = "One line, as dmsetup status shows a mirror.")
    private boolean line;

    @Option(
            names = "--watch",
            description =
                    "Go on until stopped: redrawn on a terminal, else --line for each change; one object a line with"
                            + " --json.")
    private boolean watch;

    MirrorStatusCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        Look look = context.console().outLook();
        boolean redraws = look.terminal() && !line && !target.json();
        boolean lines = line || !(redraws || target.json());
        return watch
                ? new StatusWatch(context, redraws).run(console -> show(console, lines))
                : show(context.console(), line);
    }

    private int show(Console console, boolean oneLine) {
        Optional<MirrorServer> server = target.server();
        MirrorText text = new MirrorText(console, target.json());
        MirrorStatus status = server.map(MirrorServer::status).orElseGet(() -> inspected(text.faults()));
        if (oneLine && !target.json()) {
            console.out().println(status.line());
            boolean clean = server.isPresent() || MirrorFaults.isOpenHere(status) || status.dirtyChunks() == 0;
            return status.isInSync() && clean ? ExitCode.GOOD : ExitCode.SOME_FAILED;
        }
        server.ifPresent(text::servedBy);
        return text.end(status, server.isPresent());
    }

    // Whatever is missing or broken, shows as much as the legs that are there can tell.
    private MirrorStatus inspected(MirrorFaults faults) {
        MirrorLegs.Opened opened = target.legs().openToRead();
        try {
            Survey survey = Survey.of(opened.there());
            Survey.Group mirror = survey.mirrors().values().stream()
                    .max(Comparator.comparingInt(group -> group.legs().size()))
                    .orElseThrow(() -> new IllegalArgumentException(
                            MirrorLegs.Opened.words(survey.strangers()) + absent(opened.absent())));
            faults.absent(opened.absent());
            faults.absent(survey.strangers());
            survey.mirrors().values().stream()
                    .filter(other -> !other.equals(mirror))
                    .forEach(other -> faults.add(String.join(", ", other.legs().keySet()) + ": is of another mirror, "
                            + other.status().id()));
            if (!mirror.refusal().isEmpty()) {
                faults.refused(mirror.refusal(), mirror.legs().keySet());
            }
            return mirror.status();
        } finally {
            opened.devices().forEach(MirrorLegs::close);
        }
    }

    private static String absent(Map<String, String> legs) {
        return legs.isEmpty() ? "" : "; " + MirrorLegs.Opened.words(legs);
    }
}
