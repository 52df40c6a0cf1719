package io.dmio.bench.peers;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** All runs of all variants of one work on one target, or why a variant does not run. */
final class Series {

    private final Workload work;
    private final Map<Variant, List<Measured>> runs = new EnumMap<>(Variant.class);
    private final Map<Variant, String> refusals = new EnumMap<>(Variant.class);
    private @Nullable Quietness quietness;

    Series(Workload work) {
        this.work = work;
    }

    Workload work() {
        return work;
    }

    void measuredWhile(Quietness fioAlone) {
        quietness = fioAlone;
    }

    /** How quiet the machine was; empty where nobody could tell. */
    Optional<Quietness> quietness() {
        return Optional.ofNullable(quietness);
    }

    void add(Variant variant, Measured measured) {
        runs.computeIfAbsent(variant, none -> new ArrayList<>()).add(measured);
    }

    /** One failure is enough: what fails sometimes is no choice, and its other figures are not shown. */
    void refuse(Variant variant, String reason) {
        refusals.put(variant, reason);
    }

    boolean refused(Variant variant) {
        return refusals.containsKey(variant);
    }

    Map<Variant, String> refusals() {
        return refusals;
    }

    List<Variant> measured() {
        return runs.keySet().stream().filter(variant -> !refused(variant)).toList();
    }

    List<Measured> runsOf(Variant variant) {
        return runs.getOrDefault(variant, List.of());
    }

    Runs rate(Variant variant) {
        return Runs.of(runsOf(variant), Measured::legOpsPerSecond);
    }

    /** The best median of those of a kind. */
    Optional<Runs> best(Predicate<Variant.Kind> kind) {
        return measured().stream()
                .filter(variant -> kind.test(variant.kind()))
                .map(this::rate)
                .max(java.util.Comparator.comparingDouble(Runs::median));
    }
}
