package io.dmio.app.metrics;

import io.dmio.app.cli.HostPort;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where monitoring finds a server. */
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
     * Listens there, if anywhere; to be done before anything is opened.
     *
     * @throws IllegalArgumentException if it is no address, or somebody else listens there
     */
    public Metrics start() {
        if (address == null) {
            return Metrics.off();
        }
        HostPort where = HostPort.parse(
                address, "--metrics", "127.0.0.1:9464, [::1]:9464, or 0.0.0.0:9464 for all addresses of this machine");
        return Metrics.on(where.host(), where.port());
    }
}
