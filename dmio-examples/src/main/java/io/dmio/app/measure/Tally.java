package io.dmio.app.measure;

import io.dmio.ErrorBits;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** Counts requests as they end, on the threads where they end: nothing is allocated and no thread waits. Thread-safe. */
final class Tally {

    private static final long LATENCY_NANOS_MAX = TimeUnit.HOURS.toNanos(1);
    private static final int SIGNIFICANT_DIGITS = 3;

    private final Recorder latency = new Recorder(LATENCY_NANOS_MAX, SIGNIFICANT_DIGITS);
    private final LongAdder requests = new LongAdder();
    private final LongAdder legOps = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private volatile String cause = "";

    /**
     * The counts at one moment.
     *
     * @param requests ended
     * @param legOps ended
     */
    record Counts(long requests, long legOps) {}

    void ended(long nanos, int legs, ErrorBits bits) {
        latency.recordValue(Math.min(Math.max(nanos, 0), LATENCY_NANOS_MAX));
        requests.increment();
        legOps.add(legs);
        if (!bits.isClear()) {
            failed(bits);
        }
    }

    private void failed(ErrorBits bits) {
        errors.add(bits.count());
        first(cause(bits));
    }

    /** Returns why the first of the regions failed. */
    static String cause(ErrorBits bits) {
        int first = Long.numberOfTrailingZeros(bits.toLong());
        return "" + bits.cause(first).orElseThrow().getMessage();
    }

    /** Counts a request that could not even be made, as an error. */
    void refused(Throwable why) {
        errors.increment();
        first(why.toString());
    }

    private synchronized void first(String why) {
        cause = cause.isEmpty() ? why : cause;
    }

    /** Returns the latencies since the last call. */
    Histogram latencies() {
        return Objects.requireNonNull(latency.getIntervalHistogram());
    }

    Counts counts() {
        return new Counts(requests.sum(), legOps.sum());
    }

    long errors() {
        return errors.sum();
    }

    String cause() {
        return cause;
    }
}
