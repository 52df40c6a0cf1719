package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.control.ControlServer;
import io.dmio.app.control.RunDirectory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where the server of a mirror is asked, as long as it serves. */
final class MirrorEndpoint implements AutoCloseable {

    private final CommandContext context;
    private final LocalSteering mirror;
    private final RunDirectory directory;
    private final Supplier<Map<String, String>> absent;
    private @Nullable ControlServer server;

    /**
     * @param absent tells which legs are not there, and why
     */
    MirrorEndpoint(
            CommandContext context,
            LocalSteering mirror,
            RunDirectory directory,
            Supplier<Map<String, String>> absent) {
        this.context = context;
        this.mirror = mirror;
        this.directory = directory;
        this.absent = absent;
    }

    /**
     * Starts to answer. A mirror that can be served is served also where it cannot be asked, unless the user chose where.
     *
     * @param name under which it is served
     * @param uri where
     * @param limit bytes per second of resync and scrub
     */
    void start(String name, String uri, long limit) {
        Map<String, Object> served = new LinkedHashMap<>();
        served.put("process", ProcessHandle.current().pid());
        served.put("name", name);
        served.put("uri", uri);
        try {
            var id = mirror.status().blockOptional().orElseThrow().id();
            server = ControlServer.start(
                    directory, directory.socket(id), new MirrorRoutes(mirror, () -> about(served), limit).all());
        } catch (IllegalArgumentException cannot) {
            if (directory.chosen()) {
                throw cannot;
            }
            context.console().err().println("dmio: commands cannot ask this server: " + cannot.getMessage());
        }
    }

    private Map<String, Object> about(Map<String, Object> served) {
        Map<String, Object> about = new LinkedHashMap<>(served);
        about.put("absent", absent.get());
        return about;
    }

    @Override
    public void close() {
        ControlServer started = server;
        if (started != null) {
            started.close();
        }
    }
}
