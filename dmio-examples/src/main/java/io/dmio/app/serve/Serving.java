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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

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
    private Mono<String> lives = Mono.just("as it was asked to"); // of devices nothing more is known
    private volatile String place = "";

    /**
     * To be created before anything is opened, and closed after everything else.
     *
     * @param json whether one JSON object says where clients find the exports, instead of a line for each export
     * @throws IllegalArgumentException if the descriptor to tell that the server is ready is not open, or the address for meters is taken
     */
    public Serving(CommandContext context, ServeOptions options, boolean json) {
        this.context = context;
        this.options = options;
        this.json = json;
        this.readyDescriptor = options.ready();
        this.metrics = options.metrics();
        this.log = ServerLog.start(options.logsJson(), context.console());
    }

    /** Returns what devices and exports are to be metered by. */
    public Metrics metrics() {
        return metrics;
    }

    /** Adds a place where the server can be asked, which is told together with where clients may come. */
    public void tells(String what, String where) {
        others.put(what, where);
    }

    /** Closes its endpoint for meters, and its log. */
    @Override
    public void close() {
        metrics.close();
        log.close();
    }

    /**
     * Sets something to be done before anybody is told that clients may come.
     *
     * @param then gets the URI of the first export
     */
    public void whenListening(Consumer<String> then) {
        listening = then;
    }

    /**
     * Sets how what is served can be asked whether it is alive.
     *
     * @param asked answers in a few words, each time; a service manager restarts a process whose answers do not come
     */
    public void lives(Mono<String> asked) {
        lives = asked;
    }

    /**
     * Makes a change while the server runs, and tells the service manager before and after.
     *
     * @param change the change, made on the caller's thread
     */
    public <T> T reload(Supplier<T> change) {
        tell(ServiceManager::reloading);
        try {
            return change.get();
        } finally {
            tell(manager -> manager.ready(place));
        }
    }

    /** Changes what can be changed while the server runs: the form of the log. */
    public void changed(ServeOptions by) {
        log.json(by.logsJson());
    }

    /**
     * Serves, and prints the addresses to standard output.
     *
     * @param given the devices, as the user named them
     * @param engine the engine that opened them
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
            place = "serving " + server.uri(exports.get(0).name());
            listening.accept(server.uri(exports.get(0).name()).toString());
            ready(server, exports);
            Optional<Heartbeat> beating = tell(manager -> manager.ready(place)) ? heartbeat() : Optional.empty();
            context.shutdown().signal().block();
            beating.ifPresent(Heartbeat::close);
            metrics.stopping();
            tell(ServiceManager::stopping);
        } finally {
            stop(server);
        }
        return ExitCode.GOOD;
    }

    // A service manager that cannot be told does not stop the
    // service: its address may be left from another process's start.
    private boolean tell(Consumer<ServiceManager> news) {
        try {
            Optional<ServiceManager> manager = ServiceManager.of(System.getenv());
            manager.ifPresent(news);
            return manager.isPresent();
        } catch (IllegalArgumentException untold) {
            LOG.warn("the service manager is not told: {}", untold.getMessage());
            return false;
        }
    }

    private Optional<Heartbeat> heartbeat() {
        Optional<Duration> patience =
                ServiceManager.patience(System.getenv(), ProcessHandle.current().pid());
        return Optional.of(Heartbeat.start(patience, lives, how -> tell(manager -> manager.alive(place + ": " + how))));
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
            List<String> lines = new ArrayList<>();
            exports.forEach(export -> lines.add("ready " + server.uri(export.name())));
            metrics.uri().ifPresent(uri -> lines.add("metrics " + uri));
            others.forEach((what, where) -> lines.add(what + " " + where));
            out.println(String.join("\n", lines)); // at once, so that whoever sees the first line sees all
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
