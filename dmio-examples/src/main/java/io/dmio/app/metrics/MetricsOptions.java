package io.dmio.app.metrics;

import io.dmio.app.cli.HostPort;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options for where monitoring finds a server. */
public final class MetricsOptions {

    @Option(
            names = "--metrics",
            paramLabel = "[HOST:]PORT",
            description =
                    "Tell Prometheus how it does, by HTTP at /metrics, and scripts and load balancers at /health. A port"
                            + " alone is on 127.0.0.1, where only this machine can ask; whoever can ask needs no"
                            + " password.")
    private @Nullable String address;

    /**
     * Starts to listen, if an address was given; to be called before anything is opened.
     *
     * @throws IllegalArgumentException if it is not an address, or somebody else listens there
     */
    public Metrics start() {
        return where().map(place -> Metrics.on(place.host(), place.port())).orElseGet(Metrics::off);
    }

    /**
     * Checks the options, and nothing else.
     *
     * @throws IllegalArgumentException if it is not an address
     */
    public void check() {
        where();
    }

    private Optional<HostPort> where() {
        return Optional.ofNullable(address)
                .map(given -> HostPort.parse(
                        given,
                        "--metrics",
                        "127.0.0.1:9464, [::1]:9464, or 0.0.0.0:9464 for all addresses of this machine"));
    }
}
