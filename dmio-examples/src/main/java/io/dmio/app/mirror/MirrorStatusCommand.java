package io.dmio.app.mirror;

import io.dmio.BlockDevice;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.ExitCode;
import io.dmio.mirror.MirrorStatus;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dmio mirror status}: how a mirror is; writes nothing. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Show how a mirror is. Writes nothing.",
        footer = {
            "",
            "Examples:",
            "  dmio mirror status a.img b.img",
            "  dmio mirror status --line a.img b.img",
            "  dmio mirror status --json /dev/sdx /dev/sdy"
        })
final class MirrorStatusCommand implements Callable<Integer> {

    private final CommandContext context;

    @Mixin
    private MirrorTarget target = new MirrorTarget();

    @Option(names = "--line", description = "One line, as dmsetup status shows a mirror.")
    private boolean line;

    MirrorStatusCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        Optional<MirrorServer> server = target.server();
        MirrorStatus status = server.map(MirrorServer::status).orElseGet(this::inspected);
        if (line) {
            context.console().out().println(status.line());
            return status.isInSync() && (server.isPresent() || status.dirtyChunks() == 0)
                    ? ExitCode.GOOD
                    : ExitCode.SOME_FAILED;
        }
        MirrorText text = new MirrorText(context.console(), target.json());
        server.ifPresent(text::servedBy);
        return text.end(status, server.isPresent());
    }

    private MirrorStatus inspected() {
        List<BlockDevice> devices = target.legs().openToRead();
        try {
            return Objects.requireNonNull(MirrorStatus.inspect(devices).block());
        } finally {
            devices.forEach(MirrorLegs::close);
        }
    }
}
