package io.dmio.app.metrics;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where monitoring finds a server. */
public final class MetricsOptions {

    private static final String LOOPBACK = "127.0.0.1";

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
        int colon = address.lastIndexOf(':');
        String host = colon < 0 ? LOOPBACK : address.substring(0, colon).replaceAll("^\\[(.*)]$", "$1");
        int port = port(address.substring(colon + 1));
        if (host.isEmpty() || (host.contains(":") && !address.startsWith("["))) {
            throw new IllegalArgumentException(
                    "--metrics " + address + ": write HOST:PORT, as in 127.0.0.1:9464, [::1]:9464,"
                            + " or 0.0.0.0:9464 for all addresses of this machine");
        }
        return Metrics.on(host, port);
    }

    private int port(String text) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= 0xffff) {
                return port;
            }
        } catch (NumberFormatException refusedBelow) {
            // as any other number that is no port
        }
        throw new IllegalArgumentException(
                "--metrics " + address + ": '" + text + "' is no port; 0 takes any that is free");
    }
}
