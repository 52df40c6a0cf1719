package io.dmio.app.measure;

import io.dmio.app.measure.Variant.Scope;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Draws sentences from results: what is nearly the fastest with the fewest requests in flight. Deeper than that, requests only wait longer.
 * Only results of one scope can be compared, so there is a sentence on the scope with the most of them, or on each of several such scopes.
 */
public final class Advice {

    /** The share of the best rate that counts as good as the best. */
    static final double ENOUGH = 0.95;

    private Advice() {}

    /**
     * Draws the sentences.
     *
     * @param results the results; broken ones are ignored
     * @return at least one
     */
    public static List<String> of(List<Result> results) {
        List<List<Result>> comparable = comparable(results);
        if (comparable.isEmpty()) {
            return List.of("No advice: no variant ran without errors.");
        }
        if (comparable.get(0).size() == 1) {
            return List.of("Nothing here compares; name more, for example --depth 1,8,32.");
        }
        return comparable.stream().map(Advice::sentence).toList();
    }

    private static String sentence(List<Result> comparable) {
        List<String> clauses = new ArrayList<>();
        clauses.add(clause(comparable, Result::legOpsPerSecond, "leg ops/s"));
        long blocks = comparable.stream()
                .map(result -> result.variant().blockBytes())
                .distinct()
                .count();
        if (blocks > 1) {
            clauses.add(clause(comparable, result -> result.bytesPerSecond() / 1e6, "MB/s"));
        }
        return "Advice for " + words(comparable.get(0).variant().scope()) + ": " + String.join("; ", clauses) + ".";
    }

    /**
     * Returns the result with the fewest requests in flight that is nearly the best; of several such, the fastest.
     *
     * @param results at least one
     * @param rate the rate that should be high
     */
    static Result enough(List<Result> results, ToDoubleFunction<Result> rate) {
        double best = results.stream().mapToDouble(rate).max().orElse(0);
        return results.stream()
                .filter(result -> rate.applyAsDouble(result) >= ENOUGH * best)
                .min(Comparator.<Result>comparingInt(result -> result.variant().depth())
                        .thenComparing(Comparator.comparingDouble(rate).reversed()))
                .orElseThrow();
    }

    /** Returns the scopes with the most results; none if all are broken. */
    private static List<List<Result>> comparable(List<Result> results) {
        Collection<List<Result>> scopes = results.stream()
                .filter(result -> !result.broken())
                .collect(Collectors.groupingBy(
                        result -> result.variant().scope(), LinkedHashMap::new, Collectors.toList()))
                .values();
        int most = scopes.stream().mapToInt(List::size).max().orElse(0);
        return scopes.stream().filter(scope -> scope.size() == most).toList();
    }

    private static String clause(List<Result> results, ToDoubleFunction<Result> rate, String unit) {
        Result enough = enough(results, rate);
        double best = results.stream().mapToDouble(rate).max().orElse(0);
        double value = rate.applyAsDouble(enough);
        String number = String.format(Locale.ROOT, "%,.0f", value);
        String share = value >= best
                ? "the best measured"
                : String.format(Locale.ROOT, "%.0f %% of the best", 100 * value / best);
        Variant variant = enough.variant();
        return variant.engine() + " with " + variant.block() + " blocks at depth " + variant.depth() + " gives "
                + number + " " + unit + ", " + share;
    }

    private static String words(Scope scope) {
        String work = !scope.work().reads()
                ? "writes to"
                : !scope.work().writes() ? "reads from" : "reads and writes (" + scope.work() + ") on";
        return scope.access() + " " + work + " " + scope.legs() + (scope.legs() == 1 ? " leg" : " legs");
    }
}
