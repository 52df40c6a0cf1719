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
 * The meters of a server, and whoever reads them; off, it passes everything on as it is. Tells from its start on that the server is
 * alive, and that it is ready when it is.
 */
public final class Metrics implements AutoCloseable {

    private final @Nullable MetricsEndpoint endpoint;
    private @Nullable History history;
    private Mono<Health> served = Mono.just(Health.of(Health.State.READY)); // of devices nothing more is known

    private Metrics(@Nullable MetricsEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** None, and nobody who reads any. */
    public static Metrics off() {
        return new Metrics(null);
    }

    static Metrics on(String host, int port) {
        MetricsEndpoint endpoint = MetricsEndpoint.start(host, port);
        MicrometerMeter.bindPagePool(endpoint.registry());
        return new Metrics(endpoint);
    }

    /** A device whose operations are timed under its name, and whose connections are counted if it is an export of another. */
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

    /** From now on what is metered has a history, too. */
    public History remembered() {
        History fresh = new History();
        history = fresh;
        return fresh;
    }

    /** What hears of an export's requests, if somebody does. */
    public Optional<NbdMeter> requests(String export) {
        return Optional.ofNullable(endpoint).map(there -> NbdMeters.export(there.registry(), export));
    }

    /** What is served is a mirror, and the server does as it does. */
    public void shows(MirrorDevice mirror) {
        if (endpoint != null) {
            MirrorMeters.bind(endpoint.registry(), mirror);
            served = MirrorHealth.of(mirror);
        }
    }

    /** Clients may come. */
    public void serving(NbdServer server) {
        if (endpoint != null) {
            NbdMeters.bindServer(endpoint.registry(), "nbd", server);
            endpoint.healthIs(served);
        }
    }

    /** The end has begun. */
    public void stopping() {
        if (endpoint != null) {
            endpoint.healthIs(Mono.just(Health.of(Health.State.STOPPING)));
        }
    }

    /** Where it is, if it is on. */
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
