package io.dmio.metrics;

import io.dmio.copy.CopyService;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Objects;
import reactor.core.Disposable;

/** Micrometer meters of what a {@link CopyService} does. Their names are in docs/metrics.md. */
public final class CopyMeters {

    private CopyMeters() {}

    /**
     * Registers a service's meters, and those of its pages.
     *
     * @param registry where to register them; it holds the service until the result is disposed of
     * @param name the value of the tags {@code service} and {@code budget}
     * @param service the service to show
     * @return removes the meters when it is disposed of, except those of the service's pages
     */
    public static Disposable bind(MeterRegistry registry, String name, CopyService service) {
        MeterBinding binding = new MeterBinding(Objects.requireNonNull(registry, "registry"));
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(service, "service");
        binding.gauge(LibraryMeter.COPY_RUNNING, () -> service.totals().copiesRunning(), name);
        binding.counter(LibraryMeter.COPY_BYTES, () -> service.totals().bytesCopied(), name, "copied");
        binding.counter(LibraryMeter.COPY_BYTES, () -> service.totals().bytesZero(), name, "zero");
        binding.counter(LibraryMeter.COPY_BYTES, () -> service.totals().bytesUnread(), name, "unread");
        binding.counter(LibraryMeter.COPY_BYTES, () -> service.totals().bytesFailed(), name, "failed");
        MicrometerMeter.bindBudget(registry, name, service.budget());
        return binding;
    }
}
