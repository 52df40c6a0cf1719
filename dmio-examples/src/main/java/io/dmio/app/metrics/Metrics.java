package io.dmio.app.metrics;

import io.dmio.BlockDevice;
import io.dmio.metrics.DeviceMeter;
import io.dmio.metrics.MeteredDevice;
import io.dmio.metrics.MicrometerMeter;
import io.dmio.metrics.MirrorMeters;
import io.dmio.metrics.NbdMeters;
import io.dmio.mirror.MirrorDevice;
import io.dmio.nbd.NbdDevice;
import io.dmio.nbd.NbdMeter;
import io.dmio.nbd.NbdServer;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The meters of a server and the endpoint that shows them; when off, everything is passed on as it is. Tells that the server is alive from
 * the start on, and that it is ready once it is.
 */
public final class Metrics implements AutoCloseable {

    private final @Nullable MetricsEndpoint endpoint;
    private @Nullable History history;
    private Mono<Health> served = Mono.just(Health.of(Health.State.READY)); // of devices nothing more is known

    private Metrics(@Nullable MetricsEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** Returns no meters, without an endpoint. */
    public static Metrics off() {
        return new Metrics(null);
    }

    static Metrics on(String host, int port) {
        MetricsEndpoint endpoint = MetricsEndpoint.start(host, port);
        MicrometerMeter.bindPagePool(endpoint.registry());
        return new Metrics(endpoint);
    }

    /** Wraps a device, whose operations are timed under its name, and whose connections are counted if it is an export of another server. */
    public BlockDevice metered(BlockDevice device) {
        if (endpoint == null && history == null) {
            return device;
        }
        DeviceMeter meter = history == null
                ? DeviceMeter.none()
                : history.meter(device.info().name());
        if (endpoint == null) {
            return MeteredDevice.of(device, meter);
        }
        if (device instanceof NbdDevice remote) {
            NbdMeters.bindClient(endpoint.registry(), remote);
        }
        return MeteredDevice.of(
                device, MicrometerMeter.of(endpoint.registry(), device.info()).and(meter));
    }

    /** Gives what is metered from now on a history, too. */
    public History remembered() {
        History fresh = new History();
        history = fresh;
        return fresh;
    }

    /** Returns the meter of an export's requests, if there is one. */
    public Optional<NbdMeter> requests(String export) {
        return Optional.ofNullable(endpoint).map(there -> NbdMeters.export(there.registry(), export));
    }

    /** Shows a mirror, which is what is served: the server's health is the mirror's. */
    public void shows(MirrorDevice mirror) {
        if (endpoint != null) {
            MirrorMeters.bind(endpoint.registry(), mirror);
            served = MirrorHealth.of(mirror);
        }
    }

    /** Notes that clients may come. */
    public void serving(NbdServer server) {
        if (endpoint != null) {
            NbdMeters.bindServer(endpoint.registry(), "nbd", server);
            endpoint.healthIs(served);
        }
    }

    /** Notes that the end has begun. */
    public void stopping() {
        if (endpoint != null) {
            endpoint.healthIs(Mono.just(Health.of(Health.State.STOPPING)));
        }
    }

    /** Returns where the endpoint is, if it is on. */
    public Optional<URI> uri() {
        return Optional.ofNullable(endpoint).map(MetricsEndpoint::uri);
    }

    @Override
    public void close() {
        if (endpoint != null) {
            endpoint.close();
        }
    }
}
