package io.dmio.app.measure;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * A variant and everything that was measured for it. Rates are medians of the samples; latencies are those of all samples together, as a rare
 * delay is rare in each of them.
 */
public final class Result {

    private final Variant variant;
    private final List<Sample> samples;
    private final Histogram latency;

    /**
     * Sums up the samples.
     *
     * @param variant what was measured
     * @param samples at least one
     */
    public Result(Variant variant, List<Sample> samples) {
        if (samples.isEmpty()) {
            throw new IllegalArgumentException(variant + " was not measured");
        }
        this.variant = variant;
        this.samples = List.copyOf(samples);
        this.latency = new Histogram(samples.get(0).latency());
        this.latency.reset();
        samples.forEach(sample -> latency.add(sample.latency()));
    }

    /**
     * Returns what was measured.
     *
     * @return the variant
     */
    public Variant variant() {
        return variant;
    }

    /**
     * Returns the operations of legs per second; a write to three legs is three.
     *
     * @return the median
     */
    public double legOpsPerSecond() {
        return median(Sample::legOpsPerSecond);
    }

    /**
     * Returns the operations of legs per second in each sample.
     *
     * @return in the order of the rounds
     */
    public List<Double> legOpsPerSecondBySample() {
        return samples.stream().map(Sample::legOpsPerSecond).toList();
    }

    /**
     * Returns the bytes per second that legs moved.
     *
     * @return the median
     */
    public double bytesPerSecond() {
        return legOpsPerSecond() * variant.blockBytes();
    }

    /**
     * Returns how far the samples are apart.
     *
     * @return (most − least) / median; 0 for one sample
     */
    public double spread() {
        double median = legOpsPerSecond();
        List<Double> all = legOpsPerSecondBySample().stream().sorted().toList();
        return median == 0 ? 0 : (all.get(all.size() - 1) - all.get(0)) / median;
    }

    /**
     * Returns the CPU time of the process for one operation of a leg.
     *
     * @return the median, in microseconds
     */
    public double cpuMicrosPerLegOp() {
        return median(Sample::cpuMicrosPerLegOp);
    }

    /**
     * Returns the heap memory allocated for one request, the bench's own list of regions included.
     *
     * @return the median, in bytes
     */
    public double allocatedBytesPerRequest() {
        return median(Sample::allocatedBytesPerRequest);
    }

    /**
     * Returns a latency that this share of the requests did not exceed.
     *
     * @param percentile 0 to 100
     * @return microseconds
     */
    public double latencyMicros(double percentile) {
        return latency.getTotalCount() == 0
                ? 0
                : (double) latency.getValueAtPercentile(percentile) / TimeUnit.MICROSECONDS.toNanos(1);
    }

    /**
     * Returns the longest latency.
     *
     * @return microseconds
     */
    public double latencyMicrosMax() {
        return (double) latency.getMaxValue() / TimeUnit.MICROSECONDS.toNanos(1);
    }

    /**
     * Returns the number of requests measured.
     *
     * @return of all samples
     */
    public long requests() {
        return samples.stream().mapToLong(Sample::requests).sum();
    }

    /**
     * Returns the number of error bits seen.
     *
     * @return of all samples, warm-ups included
     */
    public long errors() {
        return samples.stream().mapToLong(Sample::errors).sum();
    }

    /**
     * Returns whether the numbers mean nothing, because something failed.
     *
     * @return true if there was an error
     */
    public boolean broken() {
        return errors() > 0;
    }

    /**
     * Returns why it is broken.
     *
     * @return the first error's cause; empty if there was none
     */
    public String cause() {
        return samples.stream()
                .map(Sample::cause)
                .filter(cause -> !cause.isEmpty())
                .findFirst()
                .orElse("");
    }

    private double median(ToDoubleFunction<Sample> of) {
        return median(samples.stream().map(of::applyAsDouble).toList());
    }

    /** Returns the middle value, or the mean of the two in the middle. */
    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
