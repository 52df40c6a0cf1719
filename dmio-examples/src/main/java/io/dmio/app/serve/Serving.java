package io.dmio.app.serve;

import io.dmio.DeviceException;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.Engine;
import io.dmio.app.cli.ExitCode;
import io.dmio.app.cli.FileId;
import io.dmio.app.cli.Json;
import io.dmio.app.cli.ServerLog;
import io.dmio.app.metrics.Metrics;
import io.dmio.engine.EventLoops;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves exports until somebody asks to stop, with a log and meters. Blocks; for a command's main thread. */
public final class Serving implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger("io.dmio.app.serve");

    private final CommandContext context;
    private final ServeOptions options;
    private final boolean json;
    private final Optional<ReadyDescriptor> readyDescriptor;
    private final Metrics metrics;
    private final ServerLog log;
    private final Map<String, String> others = new LinkedHashMap<>();
    private Consumer<String> listening = uri -> {};

    /**
     * To be made before anything is opened, and closed after all of it.
     *
     * @param json whether one JSON object says where, instead of a line for each export
     * @throws IllegalArgumentException if what is to be told that the server is ready is not open, or the place for meters is taken
     */
    public Serving(CommandContext context, ServeOptions options, boolean json) {
        this.context = context;
        this.options = options;
        this.json = json;
        this.readyDescriptor = options.ready();
        this.metrics = options.metrics();
        this.log = ServerLog.start(options.logsJson(), context.console());
    }

    /** What devices and exports are to be metered by. */
    public Metrics metrics() {
        return metrics;
    }

    /** Where else it can be asked, told with where clients may come. */
    public void tells(String what, String where) {
        others.put(what, where);
    }

    /** Takes its place for meters, and its log, away. */
    @Override
    public void close() {
        metrics.close();
        log.close();
    }

    /**
     * Something to be done before anybody is told that clients may come.
     *
     * @param then gets the URI of the first export
     */
    public void whenListening(Consumer<String> then) {
        listening = then;
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
            EventLoops.of(engine.io()).ifPresent(builder::eventLoops);
        }
        exports.forEach(export -> builder.export(
                export.withMeter(new FailureLog(export.device().info().name(), metrics.requests(export.name())))));
        NbdServer server;
        try {
            server = Objects.requireNonNull(builder.start().block());
        } catch (DeviceException cannot) {
            throw new IllegalArgumentException(cannot.getMessage(), cannot);
        }
        try {
            metrics.serving(server);
            listening.accept(server.uri(exports.get(0).name()).toString());
            ready(server, exports);
            tell(manager -> manager.ready("serving " + server.uri(exports.get(0).name())));
            context.shutdown().signal().block();
            metrics.stopping();
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
            LOG.warn("the service manager is not told: {}", untold.getMessage());
        }
    }

    private void ready(NbdServer server, List<NbdExport> exports) {
        PrintStream out = context.console().out();
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put(
                    "exports",
                    exports.stream().map(export -> json(server, export)).toList());
            metrics.uri().ifPresent(uri -> all.put("metrics", uri.toString()));
            all.putAll(others);
            out.println(Json.of(all));
        } else {
            exports.forEach(export -> out.println("ready " + server.uri(export.name())));
            metrics.uri().ifPresent(uri -> out.println("metrics " + uri));
            others.forEach((what, where) -> out.println(what + " " + where));
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
            LOG.error("not flushed at the end, so what clients wrote last may be lost: {}", unflushed.getMessage());
        }
    }
}
