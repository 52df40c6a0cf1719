package io.dmio.metrics;

import static io.dmio.metrics.MeterShape.counting;
import static io.dmio.metrics.MeterShape.showing;
import static io.dmio.metrics.MeterShape.timing;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * All meters of the library: the name of each, its unit, and what it tells. Names follow Micrometer's style, noun by noun from the general to
 * the special; a registry makes its own of them, as Prometheus makes {@code dmio_io_bytes_total} of {@code dmio.io.bytes}. The table in
 * docs/metrics.md is made from this one ({@code MeterTableTest}).
 */
enum LibraryMeter {
    IO(
            "dmio.io",
            timing(),
            "Operations of a metered device, from subscribe to answer; the result is OK, an errno, or CANCELLED where the"
                    + " subscriber left before it",
            "device",
            "kind",
            "result"),
    IO_BYTES("dmio.io.bytes", counting("bytes"), "Read, written, discarded and zeroed with success", "device", "kind"),
    IO_INFLIGHT("dmio.io.inflight", showing("operations"), "Operations whose answer is waited for", "device"),

    BOUNCES("dmio.bounces", counting("bounces"), "Copies that were made as memory was not direct, or not aligned"),
    BOUNCE_BYTES("dmio.bounce.bytes", counting("bytes"), "Copied for that reason"),
    POOL_RESERVED("dmio.pool.reserved", showing("bytes"), "Held by the page pool, from the system"),

    BUDGET_CAPACITY(
            "dmio.budget.capacity", showing("pages"), "Pages of a client's or a copy service's budget", "budget"),
    BUDGET_INUSE("dmio.budget.inuse", showing("pages"), "Pages that are granted", "budget"),
    BUDGET_FREE("dmio.budget.free", showing("pages"), "Pages that may be granted", "budget"),
    BUDGET_WAITING("dmio.budget.waiting", showing("requests"), "Requests that wait for pages", "budget"),

    MIRROR_SIZE("dmio.mirror.size", showing("bytes"), "The mirror's size", "mirror"),
    MIRROR_WRITABLE(
            "dmio.mirror.writable", showing(), "1 if writes are taken, 0 if too few legs are in sync", "mirror"),
    MIRROR_INSYNC("dmio.mirror.insync", showing(), "1 if all legs are there and have everything, else 0", "mirror"),
    MIRROR_ALL("dmio.mirror.all", showing("chunks"), "All chunks", "mirror"),
    MIRROR_DIRTY("dmio.mirror.dirty", showing("chunks"), "Chunks that were written lately", "mirror"),
    MIRROR_STALE("dmio.mirror.stale", showing("chunks"), "Chunks that some leg lacks", "mirror"),
    MIRROR_EVENTS(
            "dmio.mirror.events", counting("events"), "What was told to have happened, by its kind", "mirror", "kind"),

    WORK_RUNNING("dmio.mirror.work.running", showing(), "1 while a resync or a scrub runs, else 0", "mirror", "work"),
    WORK_PAUSED("dmio.mirror.work.paused", showing(), "1 while it is held, else 0", "mirror", "work"),
    WORK_DONE("dmio.mirror.work.done", showing("chunks"), "Chunks that it has done", "mirror", "work"),
    WORK_WANTED("dmio.mirror.work.wanted", showing("chunks"), "Chunks that it is to do", "mirror", "work"),
    WORK_RATE("dmio.mirror.work.rate", showing("bytes_per_second"), "How fast it is, over its run", "mirror", "work"),
    WORK_LEFT("dmio.mirror.work.left", showing("seconds"), "How long the rest takes, NaN if unknown", "mirror", "work"),
    SCRUB_DIFFERENT("dmio.mirror.scrub.different", showing("sectors"), "Differing, as the last scrub found", "mirror"),
    SCRUB_UNREAD(
            "dmio.mirror.scrub.unread", showing("sectors"), "Not compared on all legs by the last scrub", "mirror"),

    LEG_STATE(
            "dmio.mirror.leg.state",
            showing(),
            "1 for the state that a leg is in, else 0",
            "mirror",
            "leg",
            "device",
            "state"),
    LEG_STALE("dmio.mirror.leg.stale", showing("chunks"), "Chunks that a leg lacks", "mirror", "leg", "device"),
    LEG_LAG(
            "dmio.mirror.leg.lag",
            showing("bytes"),
            "Acknowledged without a leg, and on the way",
            "mirror",
            "leg",
            "device"),
    LEG_ERRORS(
            "dmio.mirror.leg.errors",
            counting("errors"),
            "What failed on a leg: reads, writes, flushes, copies to it (sync) and the mirror's own data (metadata)",
            "mirror",
            "leg",
            "device",
            "work"),
    LEG_SLOW("dmio.mirror.leg.slow", counting("answers"), "Answers that came too late", "mirror", "leg", "device"),
    LEG_HEALED("dmio.mirror.leg.healed", counting("reads"), "Bad reads, written again", "mirror", "leg", "device"),

    SERVER_REQUESTS(
            "dmio.nbd.server.requests",
            timing(),
            "Requests of clients, from their header to the device's answer; the result is OK or an errno",
            "export",
            "request",
            "result"),
    SERVER_BYTES(
            "dmio.nbd.server.bytes",
            counting("bytes"),
            "Read, written, trimmed and zeroed with success",
            "export",
            "request"),
    SERVER_ERRORS(
            "dmio.nbd.server.errors",
            counting("errors"),
            "Requests that the device failed; what is refused before it is asked is not among them",
            "export",
            "request"),
    SERVER_CONNECTIONS("dmio.nbd.server.connections", showing("connections"), "Clients that use an export", "export"),
    SERVER_CONNECTS("dmio.nbd.server.connects", counting("connects"), "Clients that came to use an export", "export"),
    SERVER_CAPACITY("dmio.nbd.server.capacity", showing("pages"), "Pages that a server's clients share", "server"),
    SERVER_INUSE("dmio.nbd.server.inuse", showing("pages"), "Those of them that are in use", "server"),
    SERVER_FREE("dmio.nbd.server.free", showing("pages"), "Those of them that are free", "server"),
    SERVER_WAITING("dmio.nbd.server.waiting", showing("clients"), "Clients that wait for pages", "server"),

    CLIENT_CONNECTIONS("dmio.nbd.client.connections", showing("connections"), "Connections to an export", "device"),
    CLIENT_LOST("dmio.nbd.client.lost", counting("connections"), "Connections that were lost", "device"),

    COPY_RUNNING("dmio.copy.running", showing("copies"), "Copies that run", "service"),
    COPY_BYTES(
            "dmio.copy.bytes",
            counting("bytes"),
            "Dealt with: copied; left zero, or made so; not read; failed on some destination",
            "service",
            "result");

    private final String meter;

    @SuppressWarnings("ImmutableEnumChecker") // a record of two constants
    private final MeterShape shape;

    private final String description;

    @SuppressWarnings("ImmutableEnumChecker") // a list that cannot be changed
    private final List<String> tags;

    LibraryMeter(String meter, MeterShape shape, String description, String... tags) {
        this.meter = meter;
        this.shape = shape;
        this.description = description;
        this.tags = List.of(tags);
    }

    /** Returns its name in Micrometer. */
    String meter() {
        return meter;
    }

    MeterShape shape() {
        return shape;
    }

    String description() {
        return description;
    }

    /** Returns the names of its tags. */
    List<String> tags() {
        return tags;
    }

    Timer timer(MeterRegistry registry, String... values) { // the registry finds the same one again
        return Timer.builder(meter)
                .description(description)
                .tags(tagged(values))
                .register(registry);
    }

    Counter counter(MeterRegistry registry, String... values) {
        return Counter.builder(meter)
                .description(description)
                .baseUnit(shape.unit())
                .tags(tagged(values))
                .register(registry);
    }

    /**
     * Adds a counter that is read where it is counted, for as long as somebody else holds on to that; or returns the one that is there
     * already.
     */
    <T> FunctionCounter addCounter(MeterRegistry registry, T counts, ToDoubleFunction<T> number, String... values) {
        return FunctionCounter.builder(meter, counts, number)
                .description(description)
                .baseUnit(shape.unit())
                .tags(tagged(values))
                .register(registry);
    }

    /** Adds a gauge in place of one that has these tags: a registry keeps the gauge it has, and would show something that is gone. */
    Gauge gauge(MeterRegistry registry, DoubleSupplier number, String... values) {
        remove(registry, values);
        return addGauge(registry, number::getAsDouble, values);
    }

    /** Adds a gauge, or returns the one that has these tags already. */
    Gauge addGauge(MeterRegistry registry, Supplier<Number> number, String... values) {
        return Gauge.builder(meter, number)
                .description(description)
                .baseUnit(shape.unit())
                .tags(tagged(values))
                .register(registry);
    }

    /** Removes the meter with these tags. */
    void remove(MeterRegistry registry, String... values) {
        registry.removeByPreFilterId(new Meter.Id(meter, tagged(values), shape.unit(), description, shape.type()));
    }

    private Tags tagged(String... values) {
        if (values.length != tags.size()) {
            throw new IllegalArgumentException(meter + " has the tags " + tags);
        }
        List<Tag> all = new ArrayList<>(values.length);
        for (int i = 0; i < values.length; i++) {
            all.add(Tag.of(tags.get(i), values[i]));
        }
        return Tags.of(all);
    }
}
