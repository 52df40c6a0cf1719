package io.dmio.bench.peers;

import java.util.Arrays;
import java.util.Collection;
import java.util.function.ToDoubleFunction;

/** Median, least and most of one figure over the rounds. */
record Runs(double median, double least, double most) {

    static Runs of(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("no runs have no median");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
        return new Runs(median, sorted[0], sorted[sorted.length - 1]);
    }

    static <T> Runs of(Collection<T> runs, ToDoubleFunction<T> figure) {
        return of(runs.stream().mapToDouble(figure).toArray());
    }

    /** How many times the other's median this one's is. */
    double ratioTo(Runs other) {
        return median / other.median;
    }
}
