package io.dmio.app.serve;

import io.dmio.DeviceException;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.Engine;
import io.dmio.app.cli.ExitCode;
import io.dmio.app.cli.FileId;
import io.dmio.app.cli.Json;
import io.dmio.nbd.NbdExport;
import io.dmio.nbd.NbdServer;
import java.io.PrintStream;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** Serves exports until somebody asks to stop. Blocks; for a command's main thread. */
public final class Serving {

    private final CommandContext context;
    private final ServeOptions options;
    private final boolean json;
    private final Optional<ReadyDescriptor> readyDescriptor;

    /**
     * To be made before anything is opened.
     *
     * @param json whether one JSON object says where, instead of a line for each export
     * @throws IllegalArgumentException if what is to be told that the server is ready is not open
     */
    public Serving(CommandContext context, ServeOptions options, boolean json) {
        this.context = context;
        this.options = options;
        this.json = json;
        this.readyDescriptor = options.ready();
    }

    /**
     * Serves, and says where on standard output.
     *
     * @param given what the user named the devices
     * @param engine that opened them
     * @return the exit code
     */
    public int run(List<NbdExport> exports, Collection<String> given, Engine engine) {
        NbdServer.Builder builder = options.builder();
        if (!given.stream().map(FileId::of).allMatch(FileId::isInMemory)) { // those use no ring (docs/benchmarks.md)
            engine.io().eventLoops().ifPresent(builder::eventLoops);
        }
        exports.forEach(builder::export);
        NbdServer server;
        try {
            server = Objects.requireNonNull(builder.start().block());
        } catch (DeviceException cannot) {
            throw new IllegalArgumentException(cannot.getMessage(), cannot);
        }
        try {
            ready(server, exports);
            tell(manager -> manager.ready("serving " + server.uri(exports.get(0).name())));
            context.shutdown().signal().block();
            tell(ServiceManager::stopping);
        } finally {
            stop(server);
        }
        return ExitCode.GOOD;
    }

    // One that cannot be told does not keep clients from being served: its address may be left from somebody else's
    // start.
    private void tell(Consumer<ServiceManager> news) {
        try {
            ServiceManager.of(System.getenv()).ifPresent(news);
        } catch (IllegalArgumentException untold) {
            context.console().err().println("dmio: the service manager is not told: " + untold.getMessage());
        }
    }

    private void ready(NbdServer server, List<NbdExport> exports) {
        PrintStream out = context.console().out();
        if (json) {
            out.println(Json.of(Map.of(
                    "exports",
                    exports.stream().map(export -> json(server, export)).toList())));
        } else {
            exports.forEach(export -> out.println("ready " + server.uri(export.name())));
        }
        out.flush();
        readyDescriptor.ifPresent(
                there -> there.tell(server.uri(exports.get(0).name()).toString()));
    }

    private static Map<String, Object> json(NbdServer server, NbdExport export) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("name", export.name());
        one.put("uri", server.uri(export.name()).toString());
        return one;
    }

    private void stop(NbdServer server) {
        try {
            server.close().block();
        } catch (DeviceException unflushed) {
            context.console().err().println("dmio: not flushed at the end: " + unflushed.getMessage());
        }
    }
}
