package io.dmio.app.measure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import reactor.core.publisher.Mono;

/**
 * Measures the variants in turn, round after round, so that changes on the machine meanwhile (a burst credit used up, a neighbour) affect all
 * of them. Each round starts with another variant, so that no place in the order is favoured. Blocks.
 */
public final class Rounds {

    private final List<Variant> variants;
    private final Timing timing;

    /**
     * Creates a plan.
     *
     * @param variants what to measure
     * @param timing how long and how often
     */
    public Rounds(List<Variant> variants, Timing timing) {
        this.variants = List.copyOf(variants);
        this.timing = timing;
    }

    /**
     * Measures all variants.
     *
     * @param source opens legs
     * @param stop ends the measurements early
     * @param next told which variant comes, and how many measurements are done
     * @return a result for each variant that has at least one sample, in the order of the variants
     */
    public List<Result> run(Legs.Source source, Mono<Void> stop, BiConsumer<Variant, Integer> next) {
        Map<Variant, List<Sample>> samples = new LinkedHashMap<>();
        variants.forEach(variant -> samples.put(variant, new ArrayList<>())); // in their order, whichever comes first
        Measurement measurement = new Measurement(source, stop);
        for (int done = 0; done < measurements(); done++) {
            int round = done / variants.size();
            Variant variant = variants.get((done + round) % variants.size());
            next.accept(variant, done);
            Optional<Sample> sample = measurement.run(variant, timing.before(round), timing.time());
            if (sample.isEmpty()) {
                break; // stopped
            }
            samples.computeIfAbsent(variant, absent -> new ArrayList<>()).add(sample.get());
        }
        return samples.entrySet().stream()
                .filter(measured -> !measured.getValue().isEmpty())
                .map(measured -> new Result(measured.getKey(), measured.getValue()))
                .toList();
    }

    /**
     * Returns the number of measurements.
     *
     * @return variants times rounds
     */
    public int measurements() {
        return variants.size() * timing.rounds();
    }
}
