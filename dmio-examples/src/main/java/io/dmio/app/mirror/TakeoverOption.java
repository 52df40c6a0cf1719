package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.mirror.OwnerOptions;
import picocli.CommandLine.Option;

/** The option for what an operator says about the owner that has a mirror open. */
final class TakeoverOption {

    @Option(
            names = "--takeover",
            description =
                    "End the owner that has the mirror open. Only if you know that it is dead or cut off from the legs. One that"
                            + " still runs stops; the start waits ten seconds for that.")
    private boolean takeover;

    OwnerOptions owner(CommandContext context) {
        OwnerOptions defaults = MirrorStarting.owner(context);
        return takeover ? defaults.withTakeover() : defaults;
    }
}
