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

/** The endpoint where the server of a mirror can be asked, as long as it serves. */
final class MirrorEndpoint implements AutoCloseable {

    private final CommandContext context;
    private final LocalSteering mirror;
    private final RunDirectory directory;
    private final Beside beside;
    private @Nullable ControlServer server;

    /**
     * What is told in addition to what the mirror knows about itself.
     *
     * @param absent which legs are not there, and why
     * @param history what was there
     * @param page the page, which shows all of it
     */
    record Beside(Supplier<Map<String, String>> absent, MirrorHistory history, Page page) {}

    /**
     * How the mirror is served.
     *
     * @param name the name of the export
     * @param uri where clients find it
     * @param limit the bytes per second of resync and scrub
     */
    record Served(String name, String uri, long limit) {}

    MirrorEndpoint(CommandContext context, LocalSteering mirror, RunDirectory directory, Beside beside) {
        this.context = context;
        this.mirror = mirror;
        this.directory = directory;
        this.beside = beside;
    }

    /**
     * Starts to answer, on the socket and to the page. A mirror that can be served is served even if it cannot be asked, unless the user
     * chose where it is to be asked.
     *
     * @param more routes of the server
     * @return what can be asked of the mirror, even if nobody can ask
     */
    MirrorRoutes start(Served served, List<Route> more) {
        MirrorRoutes routes = new MirrorRoutes(mirror, () -> about(served), beside.history, served.limit);
        List<Route> all = Stream.concat(routes.all().stream(), more.stream()).toList();
        beside.page.shows(all);
        try {
            var id = mirror.status().blockOptional().orElseThrow().id();
            server = ControlServer.start(
                    directory,
                    directory.socket(id),
                    Stream.concat(all.stream(), Stream.of(Route.get("/v1/page", call -> link(beside.page))))
                            .toList());
        } catch (IllegalArgumentException cannot) {
            if (directory.chosen()) {
                throw cannot;
            }
            context.console().err().println("dmio: commands cannot ask this server: " + cannot.getMessage());
        }
        return routes;
    }

    private Map<String, Object> about(Served served) {
        Map<String, Object> about = new LinkedHashMap<>();
        about.put("process", ProcessHandle.current().pid());
        about.put("name", served.name);
        about.put("uri", served.uri);
        about.put("absent", beside.absent.get());
        return about;
    }

    /** Tells the link only to users that may open the socket, which gives everything that the token gives. */
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
