package io.dmio.bench;

import java.util.Arrays;
import java.util.Locale;

/** Figures of several rounds in words. */
final class Medians {

    private Medians() {}

    /** Of each round's figure beside another's in the same round. */
    static String ratio(double[] ours, double[] theirs) {
        double[] ratios = new double[ours.length];
        Arrays.setAll(ratios, i -> ours[i] / theirs[i]);
        return words(ratios, "%.2f");
    }

    /** The median, with least and most. */
    static String words(double[] figures, String format) {
        double[] sorted = figures.clone();
        Arrays.sort(sorted);
        return String.format(
                Locale.ROOT,
                format + " (" + format + " to " + format + ")",
                sorted[sorted.length / 2],
                sorted[0],
                sorted[sorted.length - 1]);
    }
}
