package io.dmio.app.chart;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** One axis of a chart: where a value lies on it, and which values are marked. Linear from 0, or logarithmic. */
public final class Axis {

    private static final String[] UNITS = {"", "k", "M", "G", "T"};
    private static final int MARKS_WANTED = 5;

    private final String label;
    private final double from;
    private final double to;
    private final boolean log;
    private final List<Double> marks;

    private Axis(String label, boolean log, List<Double> ends, List<Double> marks) {
        this.label = label;
        this.log = log;
        this.from = ends.get(0);
        this.to = ends.get(1);
        this.marks = List.copyOf(marks);
    }

    /**
     * Returns an axis from 0 to a round number above the largest value.
     *
     * @param label what is measured, and its unit
     * @param values to be shown
     * @return the axis
     */
    public static Axis linear(String label, Collection<Double> values) {
        double most = values.stream().mapToDouble(v -> v).max().orElse(1);
        double step = roundStep((most <= 0 ? 1 : most) / MARKS_WANTED);
        List<Double> marks = new ArrayList<>();
        int steps = (int) Math.max(1, Math.ceil(most / step - 1e-9));
        for (int i = 0; i <= steps; i++) {
            marks.add(i * step);
        }
        return new Axis(label, false, List.of(0.0, steps * step), marks);
    }

    /**
     * Returns an axis on which equal factors are equally far apart; marked at 1, 2 and 5 of each power of ten, or only at the powers if these
     * are many.
     *
     * @param label what is measured, and its unit
     * @param values to be shown, positive
     * @return the axis
     */
    public static Axis logarithmic(String label, Collection<Double> values) {
        double least =
                values.stream().mapToDouble(v -> v).filter(v -> v > 0).min().orElse(1);
        double most = Math.max(least, values.stream().mapToDouble(v -> v).max().orElse(10));
        boolean wide = Math.log10(most / least) > 2.5;
        double[] steps = wide ? new double[] {1} : new double[] {1, 2, 5};
        List<Double> all = new ArrayList<>();
        for (int power = (int) Math.floor(Math.log10(least)) - 1; power <= Math.log10(most) + 1; power++) {
            for (double step : steps) {
                all.add(step * Math.pow(10, power));
            }
        }
        double below = all.stream().filter(mark -> mark <= least * 1.0001).reduce(least, (a, b) -> b);
        double above = all.stream()
                .filter(mark -> mark >= most * 0.9999 && mark > below)
                .findFirst()
                .orElse(most);
        List<Double> marks =
                all.stream().filter(mark -> mark >= below && mark <= above).toList();
        return new Axis(label, true, List.of(below, above), marks);
    }

    /**
     * Returns an axis on which equal factors are equally far apart; marked at the values themselves.
     *
     * @param label what is measured, and its unit
     * @param values to be shown, positive
     * @return the axis
     */
    public static Axis steps(String label, Collection<Double> values) {
        List<Double> marks = values.stream().distinct().sorted().toList();
        double least = marks.get(0);
        double most = marks.get(marks.size() - 1);
        return new Axis(label, true, List.of(least, Math.max(most, least * 2)), marks);
    }

    /** Returns 1, 2 or 5 of a power of ten, at least as large. */
    private static double roundStep(double step) {
        double power = Math.pow(10, Math.floor(Math.log10(step)));
        double factor = step / power;
        return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
    }

    /** Returns where a value lies: 0 at the start, 1 at the end. */
    double position(double value) {
        double place = log ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
        return Math.min(1, Math.max(0, place));
    }

    List<Double> marks() {
        return marks;
    }

    String label() {
        return label;
    }

    /**
     * Writes a number with few digits.
     *
     * @param value zero or more
     * @return {@code 0.5}, {@code 256}, {@code 20k}, {@code 1.5M}
     */
    public static String text(double value) {
        int unit = 0;
        double scaled = value;
        while (scaled >= 999.5 && unit < UNITS.length - 1) {
            scaled /= 1000;
            unit++;
        }
        String digits = String.format(Locale.ROOT, scaled < 0.995 ? "%.2f" : scaled < 99.95 ? "%.1f" : "%.0f", scaled);
        return (digits.contains(".") ? digits.replaceAll("\\.?0+$", "") : digits) + UNITS[unit];
    }
}
