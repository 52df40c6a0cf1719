package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.control.RunDirectory;
import io.dmio.app.control.RunDirectoryOption;
import io.dmio.mirror.MirrorOptions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The mirror that a command is for: given by its legs, or one that a server has, given by its name, its UUID, or because there is only one.
 */
final class MirrorTarget {

    @Mixin
    private MirrorLegs legs = new MirrorLegs();

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "The mirror that a server here has under this name, where no legs are named.")
    private String name = "";

    @Option(names = "--uuid", paramLabel = "UUID", description = "The same by its UUID, or how that begins.")
    private String uuid = "";

    @Mixin
    private RunDirectoryOption directory = new RunDirectoryOption();

    boolean json() {
        return legs.json();
    }

    MirrorLegs legs() {
        return legs;
    }

    /**
     * Returns the server that has the mirror, if one does.
     *
     * @throws IllegalArgumentException if it is unclear which mirror is meant
     */
    Optional<MirrorServer> server() {
        RunDirectory place = directory.get();
        if (uuid.isEmpty() && !legs.isEmpty()) { // their file may have a name, too, by which nothing need run
            return MirrorServer.of(place, legs.given());
        }
        List<MirrorServer> all = MirrorServer.all(place);
        if (!name.isEmpty() || !uuid.isEmpty()) {
            return Optional.of(only(
                    all.stream().filter(one -> one.isCalled(name, uuid)).toList(),
                    place,
                    "no mirror of that name or UUID runs here (" + place.path()
                            + "): start its server, or name its legs"));
        }
        return Optional.of(only(
                all,
                place,
                "no legs: name them, as in a.img b.img, or --leg a.img --leg b.img; no mirror runs here ("
                        + place.path() + ") that could be meant"));
    }

    /** Returns the server that has the mirror. */
    MirrorServer requireServer() {
        return server().orElseThrow(() -> new IllegalArgumentException(
                String.join(" ", legs.given()) + ": no server has this mirror, so nothing runs there"));
    }

    /**
     * Asks the server that has the mirror, or opens its legs.
     *
     * @param options for legs that are opened here
     * @param work how the work is to be done
     */
    MirrorRun open(CommandContext context, MirrorOptions options, Work work) {
        Optional<MirrorServer> server = server();
        if (server.isEmpty() && work.detach) {
            throw new IllegalArgumentException(
                    "--detach: no server has this mirror, so this command does the work itself; leave it out");
        }
        return server.map(one ->
                        MirrorRun.ask(context, new RemoteSteering(one.client(), work.rate, work.detach), legs.json()))
                .orElseGet(() -> MirrorRun.open(context, legs, options));
    }

    MirrorRun open(CommandContext context, MirrorOptions options) {
        return open(context, options, new Work(Long.MAX_VALUE, false));
    }

    /**
     * How work is to be done.
     *
     * @param rate bytes per second; {@code Long.MAX_VALUE} for no limit
     * @param detach whether a server is only to start it
     */
    record Work(long rate, boolean detach) {}

    private static MirrorServer only(List<MirrorServer> found, RunDirectory place, String none) {
        if (found.size() == 1) {
            return found.get(0);
        }
        throw new IllegalArgumentException(
                found.isEmpty()
                        ? none
                        : found.size() + " mirrors run here (" + place.path() + "): say which with --uuid: "
                                + found.stream().map(MirrorServer::words).collect(Collectors.joining(", ")));
    }
}
