package io.dmio.app.page;

import io.dmio.app.control.Route;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The page of a server; when off, there is none. */
public final class Page implements AutoCloseable {

    private final @Nullable PageEndpoint endpoint;

    private Page(@Nullable PageEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    static Page off() {
        return new Page(null);
    }

    static Page on(PageEndpoint endpoint) {
        return new Page(endpoint);
    }

    /** Sets the routes whose answers the page shows from now on. */
    public void shows(List<Route> routes) {
        if (endpoint != null) {
            endpoint.shows(routes);
        }
    }

    /** Returns where the page is, if it is on. */
    public Optional<URI> uri() {
        return Optional.ofNullable(endpoint).map(PageEndpoint::uri);
    }

    /** Returns the link for somebody who may use the page: with the token, in the part of a URI that browsers send to nobody. */
    public Optional<URI> link() {
        return Optional.ofNullable(endpoint).map(PageEndpoint::link);
    }

    @Override
    public void close() {
        if (endpoint != null) {
            endpoint.close();
        }
    }
}
