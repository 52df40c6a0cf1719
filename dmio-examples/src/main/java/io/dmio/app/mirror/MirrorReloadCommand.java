package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.ExitCode;
import io.dmio.app.cli.Json;
import io.dmio.app.cli.OneLine;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code dmio mirror reload}: a server reads its file again. */
@Command(
        name = "reload",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = MirrorReloadCommand.HEADER,
        description = {
            "",
            "rate, rate-at, scrub-at, scrub-repair, on-event and log-json hold from then on. What needs a start is told with"
                    + " its line (2); a file that is wrong changes nothing (1). SIGHUP does the same, and the log tells.",
            ""
        },
        footer = {"", "Examples:", "  dmio mirror reload --config /etc/dmio/store.toml", "  dmio mirror reload"})
final class MirrorReloadCommand implements Callable<Integer> {

    /** What it is for, in a line of the help. */
    static final String HEADER = "Have the server read its --config file again.";

    private final CommandContext context;

    @Mixin
    private MirrorTarget target = new MirrorTarget();

    MirrorReloadCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        Map<String, Object> end = Objects.requireNonNull(
                target.requireServer().steering().reload().block());
        List<?> waiting = list(end, "waiting");
        if (target.json()) {
            context.console().out().println(Json.of(end));
        } else {
            String applied = String.join(
                    ", ", list(end, "applied").stream().map(String::valueOf).toList());
            context.console().out().println(applied.isEmpty() ? "nothing to apply" : "from now on: " + applied);
        }
        waiting.forEach(line -> context.console().err().println(OneLine.of("dmio: " + line)));
        return waiting.isEmpty() ? ExitCode.GOOD : ExitCode.SOME_FAILED;
    }

    private static List<?> list(Map<String, Object> end, String name) {
        return end.get(name) instanceof List<?> list ? list : List.of();
    }
}
