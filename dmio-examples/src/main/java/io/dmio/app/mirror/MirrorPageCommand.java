package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.ExitCode;
import io.dmio.app.cli.Json;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code dmio mirror page}: tells users that may use the server's socket how a browser may use the server, too. */
@Command(
        name = "page",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = MirrorPageCommand.HEADER,
        description = {
            "",
            "For a server that was started with --page. Whoever has the link can do all that the page can."
        },
        footer = {
            "",
            "Examples:",
            "  dmio mirror page a.img b.img",
            "  dmio mirror page               of the only one that runs"
        })
final class MirrorPageCommand implements Callable<Integer> {

    /** What it is for, in a line of the help. */
    static final String HEADER = "Print the link to the page of a server, with its token.";

    private final CommandContext context;

    @Mixin
    private MirrorTarget target = new MirrorTarget();

    MirrorPageCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        MirrorServer server = target.requireServer();
        Map<String, Object> page =
                Objects.requireNonNull(server.client().get("/v1/page").block());
        Object link = page.getOrDefault("link", "");
        context.console().out().println(target.json() ? Json.of(page) : link);
        return ExitCode.GOOD;
    }
}
