package io.dmio.app.serve;

import io.dmio.DeviceException;
import io.dmio.app.cli.Engine;
import io.dmio.app.cli.ExitCode;
import io.dmio.app.cli.FileId;
import io.dmio.app.cli.Session;
import io.dmio.nbd.NbdExport;
import io.dmio.nbd.NbdServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** Serves exports until somebody asks to stop. Blocks; for a command's main thread. */
public final class Serving {

    private final Session session;
    private final ServeOptions options;

    public Serving(Session session, ServeOptions options) {
        this.session = session;
        this.options = options;
    }

    /**
     * Serves, and says where: a line for each export on standard output.
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
            session.stop().signal().block();
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
            session.console().err().println("dmio: the service manager is not told: " + untold.getMessage());
        }
    }

    private void ready(NbdServer server, List<NbdExport> exports) {
        for (NbdExport export : exports) {
            session.console().out().println("ready " + server.uri(export.name()));
        }
        session.console().out().flush();
        Optional<Path> file = options.readyFile();
        if (file.isPresent()) {
            try {
                String line = server.uri(exports.get(0).name()) + "\n";
                Files.writeString(file.get(), line, StandardCharsets.UTF_8, StandardOpenOption.WRITE);
            } catch (IOException closed) {
                throw new IllegalArgumentException("--ready-fd: cannot write there: " + FileId.reason(closed), closed);
            }
        }
    }

    private void stop(NbdServer server) {
        try {
            server.close().block();
        } catch (DeviceException unflushed) {
            session.console().err().println("dmio: not flushed at the end: " + unflushed.getMessage());
        }
    }
}
