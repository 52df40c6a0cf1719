package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.control.ControlServer;
import io.dmio.app.control.Route;
import io.dmio.app.control.RunDirectory;
import io.dmio.app.page.Page;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Where the server of a mirror is asked, as long as it serves. */
final class MirrorEndpoint implements AutoCloseable {

    private final CommandContext context;
    private final LocalSteering mirror;
    private final RunDirectory directory;
    private final Supplier<Map<String, String>> absent;
    private final MirrorHistory history;
    private @Nullable ControlServer server;

    /**
     * @param absent tells which legs are not there, and why
     * @param history of what is there
     */
    MirrorEndpoint(
            CommandContext context,
            LocalSteering mirror,
            RunDirectory directory,
            Supplier<Map<String, String>> absent,
            MirrorHistory history) {
        this.context = context;
        this.mirror = mirror;
        this.directory = directory;
        this.absent = absent;
        this.history = history;
    }

    /**
     * Starts to answer, on the socket and to the page. A mirror that can be served is served also where it cannot be asked, unless the user chose where.
     *
     * @param name under which it is served
     * @param uri where
     * @param limit bytes per second of resync and scrub
     * @param more that the server can be asked for
     * @return what can be asked of the mirror, also where nobody can ask
     */
    MirrorRoutes start(String name, String uri, long limit, Page page, List<Route> more) {
        Map<String, Object> served = new LinkedHashMap<>();
        served.put("process", ProcessHandle.current().pid());
        served.put("name", name);
        served.put("uri", uri);
        MirrorRoutes routes = new MirrorRoutes(mirror, () -> about(served), history, limit);
        List<Route> all = Stream.concat(routes.all().stream(), more.stream()).toList();
        page.shows(all);
        try {
            var id = mirror.status().blockOptional().orElseThrow().id();
            server = ControlServer.start(
                    directory,
                    directory.socket(id),
                    Stream.concat(all.stream(), Stream.of(Route.get("/v1/page", call -> link(page))))
                            .toList());
        } catch (IllegalArgumentException cannot) {
            if (directory.chosen()) {
                throw cannot;
            }
            context.console().err().println("dmio: commands cannot ask this server: " + cannot.getMessage());
        }
        return routes;
    }

    private Map<String, Object> about(Map<String, Object> served) {
        Map<String, Object> about = new LinkedHashMap<>(served);
        about.put("absent", absent.get());
        return about;
    }

    /** Only who may open the socket is told: it has all that the token gives. */
    private static Mono<Map<String, Object>> link(Page page) {
        return Mono.justOrEmpty(page.link())
                .map(link -> Map.<String, Object>of("link", link.toString()))
                .switchIfEmpty(Mono.error(
                        () -> new IllegalArgumentException("this server has no page: it was started without --page")));
    }

    @Override
    public void close() {
        ControlServer started = server;
        if (started != null) {
            started.close();
        }
    }
}
