package io.dmio.app.page;

import io.dmio.app.control.Route;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The page of a server; off, there is none. */
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

    /** From now on it shows what these tell. */
    public void shows(List<Route> routes) {
        if (endpoint != null) {
            endpoint.shows(routes);
        }
    }

    /** Where it is, if it is on. */
    public Optional<URI> uri() {
        return Optional.ofNullable(endpoint).map(PageEndpoint::uri);
    }

    /** The same for somebody who may use it: with the token, in the part that browsers send to nobody. */
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
