package io.dmio.metrics;

import io.micrometer.core.instrument.Meter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The table of all meters, as docs/metrics.md has it. */
final class MeterTable {

    private MeterTable() {}

    static String markdown() {
        return Stream.concat(
                        Stream.of("| Meter | In Prometheus | Kind | Unit | Tags | Is |", "|---|---|---|---|---|---|"),
                        Stream.of(LibraryMeter.values()).map(MeterTable::row))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String row(LibraryMeter meter) {
        String unit = meter.shape().unit();
        boolean timer = meter.shape().type() == Meter.Type.TIMER;
        List<String> cells = List.of(
                "`" + meter.meter() + "`",
                "`" + prometheus(meter) + "`",
                meter.shape().type().name().toLowerCase(Locale.ROOT),
                timer ? "seconds" : unit == null ? "" : unit.replace('_', ' '),
                String.join(", ", meter.tags()),
                meter.description());
        return "| " + String.join(" | ", cells) + " |";
    }

    /** By Prometheus' conventions: the unit at the end, and after it what it is a total of. */
    static String prometheus(LibraryMeter meter) {
        boolean timer = meter.shape().type() == Meter.Type.TIMER;
        String unit = timer ? "seconds" : meter.shape().unit();
        String name = meter.meter().replace('.', '_');
        String united = unit == null || name.endsWith("_" + unit) ? name : name + "_" + unit;
        return meter.shape().type() == Meter.Type.COUNTER ? united + "_total" : united;
    }
}
