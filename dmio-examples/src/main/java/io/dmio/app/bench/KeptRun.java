package io.dmio.app.bench;

import io.dmio.app.cli.JsonReader;
import io.dmio.app.measure.Access;
import io.dmio.app.measure.Machine;
import io.dmio.app.measure.Variant;
import io.dmio.app.measure.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * An earlier run, as {@code dmio bench --json} printed it.
 *
 * @param time when it ran
 * @param machine where it ran
 * @param rounds for each variant that was measured without errors, the operations of legs per second of each round, at least one
 */
record KeptRun(String time, Machine machine, Map<Variant, List<Double>> rounds) {

    /**
     * Reads an earlier run.
     *
     * @throws IllegalArgumentException if it cannot be read or is something else
     */
    static KeptRun read(Path file) {
        try {
            return of(JsonReader.object(Files.readString(file)));
        } catch (NoSuchFileException missing) {
            throw new IllegalArgumentException(
                    "--against " + file + ": no such file; --json > " + file + " keeps a run");
        } catch (IOException unread) {
            throw new IllegalArgumentException(
                    "--against " + file + ": cannot be read: " + unread.getMessage(), unread);
        } catch (ClassCastException | IllegalArgumentException other) {
            throw new IllegalArgumentException("--against " + file + ": is not what dmio bench --json prints", other);
        }
    }

    @SuppressWarnings("unchecked")
    private static KeptRun of(Map<String, Object> json) {
        Map<Variant, List<Double>> rounds = new LinkedHashMap<>();
        for (Map<String, Object> one : (List<Map<String, Object>>) part(json, "variants")) {
            if (number(one, "errors") == 0) {
                rounds.put(variant(one), rates((List<Number>) part(one, "legOpsPerSecondByRound")));
            }
        }
        Map<String, Object> machine = (Map<String, Object>) part(json, "machine");
        return new KeptRun(
                text(json, "time"),
                new Machine(
                        text(machine, "java"),
                        text(machine, "kernel"),
                        (int) number(machine, "processors"),
                        text(machine, "processor")),
                rounds);
    }

    private static List<Double> rates(List<Number> rates) {
        if (rates.isEmpty()) {
            throw new IllegalArgumentException("a variant without a round");
        }
        return rates.stream().map(Number::doubleValue).toList();
    }

    private static Variant variant(Map<String, Object> one) {
        return new Variant(
                text(one, "engine"),
                (int) number(one, "legs"),
                new Workload((int) number(one, "readPercent")),
                Access.valueOf(text(one, "access").toUpperCase(Locale.ROOT)),
                (int) number(one, "blockBytes"),
                (int) number(one, "depth"));
    }

    private static String text(Map<String, Object> from, String name) {
        return part(from, name).toString();
    }

    private static long number(Map<String, Object> from, String name) {
        return ((Number) part(from, name)).longValue();
    }

    private static Object part(Map<String, Object> from, String name) {
        Object part = from.get(name);
        if (part == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return part;
    }
}
