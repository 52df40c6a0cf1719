package io.dmio.metrics;

import io.dmio.Errno;
import io.dmio.nbd.NbdDevice;
import io.dmio.nbd.NbdMeter;
import io.dmio.nbd.NbdServer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.Disposable;

/**
 * Micrometer meters of what NBD servers do for their clients, and of clients' connections. Their names are in docs/metrics.md.
 * A {@link MeteredDevice} around an {@link NbdDevice} tells what is read and written by it, and how fast.
 */
public final class NbdMeters {

    private NbdMeters() {}

    /**
     * Returns a meter for an export, to be passed to {@link io.dmio.nbd.NbdExport#withMeter}. A request costs a look at the
     * clock at both ends, and two additions; nothing is allocated or looked up except for a failure.
     *
     * @param registry where to register it
     * @param export the value of the tag {@code export}; requests of one name add up, and connections are those of the last
     *     meter
     * @return the meter
     */
    public static NbdMeter export(MeterRegistry registry, String export) {
        return new ExportMeter(Objects.requireNonNull(registry, "registry"), Objects.requireNonNull(export, "export"));
    }

    /**
     * Registers the memory that a server's clients share.
     *
     * @param registry where to register it; it holds the server until the result is disposed of
     * @param name the value of the tag {@code server}; if it had a server before, the gauges show this one from now on
     * @param server the server to show
     * @return removes the meters when it is disposed of
     */
    public static Disposable bindServer(MeterRegistry registry, String name, NbdServer server) {
        MeterBinding binding = new MeterBinding(Objects.requireNonNull(registry, "registry"));
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(server, "server");
        binding.gauge(LibraryMeter.SERVER_CAPACITY, () -> server.pages().capacity(), name);
        binding.gauge(LibraryMeter.SERVER_INUSE, () -> server.pages().inUse(), name);
        binding.gauge(
                LibraryMeter.SERVER_FREE,
                () -> Math.max(0, server.pages().capacity() - server.pages().inUse()),
                name);
        binding.gauge(LibraryMeter.SERVER_WAITING, () -> server.pages().clientsWaiting(), name);
        return binding;
    }

    /**
     * Registers a client's connections.
     *
     * @param registry where to register them; it holds the device until the result is disposed of
     * @param device the device, whose name is the tag {@code device}
     * @return removes the meters when it is disposed of
     */
    public static Disposable bindClient(MeterRegistry registry, NbdDevice device) {
        MeterBinding binding = new MeterBinding(Objects.requireNonNull(registry, "registry"));
        String name = Objects.requireNonNull(device, "device").info().name();
        binding.gauge(LibraryMeter.CLIENT_CONNECTIONS, device::connectionCount, name);
        binding.counter(LibraryMeter.CLIENT_LOST, device::lostConnectionCount, name);
        return binding;
    }

    /** What clients ask of one export. */
    private static final class ExportMeter implements NbdMeter {

        private static final String OK = "OK";

        private final MeterRegistry registry;
        private final String export;
        private final Map<Request, Timer> successes = new EnumMap<>(Request.class); // complete, then read only
        private final Map<Request, Counter> bytes = new EnumMap<>(Request.class);
        private final Map<Request, Counter> errors = new EnumMap<>(Request.class);
        private final Map<Request, Map<Errno, Timer>> failures = new EnumMap<>(Request.class);
        private final Counter connects;
        private final AtomicInteger connections = new AtomicInteger();

        ExportMeter(MeterRegistry registry, String export) {
            this.registry = registry;
            this.export = export;
            for (Request request : Request.values()) {
                successes.put(request, LibraryMeter.SERVER_REQUESTS.timer(registry, export, word(request), OK));
                bytes.put(request, LibraryMeter.SERVER_BYTES.counter(registry, export, word(request)));
                errors.put(request, LibraryMeter.SERVER_ERRORS.counter(registry, export, word(request)));
                failures.put(request, new ConcurrentHashMap<>());
            }
            this.connects = LibraryMeter.SERVER_CONNECTS.counter(registry, export);
            LibraryMeter.SERVER_CONNECTIONS.gauge(registry, connections::get, export);
        }

        @Override
        public void connected() {
            connects.increment();
            connections.incrementAndGet();
        }

        @Override
        public void disconnected() {
            connections.decrementAndGet();
        }

        @Override
        public void ended(Request request, long length, long nanos, Optional<Errno> errno) {
            if (errno.isPresent()) {
                failed(request, nanos, errno.get());
                return;
            }
            Objects.requireNonNull(successes.get(request)).record(nanos, TimeUnit.NANOSECONDS);
            Objects.requireNonNull(bytes.get(request)).increment((double) length);
        }

        // A series that begins with its first failure hides it from rates: so errors are there from the start.
        private void failed(Request request, long nanos, Errno errno) {
            Objects.requireNonNull(failures.get(request))
                    .computeIfAbsent(
                            errno,
                            first -> LibraryMeter.SERVER_REQUESTS.timer(registry, export, word(request), first.name()))
                    .record(nanos, TimeUnit.NANOSECONDS);
            if (nanos > 0) { // it was not refused
                Objects.requireNonNull(errors.get(request)).increment();
            }
        }

        private static String word(Request request) {
            return request.name().toLowerCase(Locale.ROOT);
        }
    }
}
