package io.dmio.app.measure;

import io.dmio.ErrorBits;
import org.HdrHistogram.Histogram;

/**
 * One measurement of a variant.
 *
 * @param nanos how long the measurement was
 * @param requests the number of requests that ended in it
 * @param legOps the operations of legs that these made: a write to three legs is three
 * @param cpuNanos CPU time of the process
 * @param allocatedBytes memory allocated on the heap
 * @param latency of each request in nanoseconds, from submit to result
 * @param errors error bits, warm-up included
 * @param cause of the first error; empty if there was none
 */
public record Sample(
        long nanos,
        long requests,
        long legOps,
        long cpuNanos,
        long allocatedBytes,
        Histogram latency,
        long errors,
        String cause) {

    /** Returns this sample with errors that came after it. */
    Sample and(ErrorBits later) {
        if (later.isClear()) {
            return this;
        }
        String first = cause.isEmpty() ? Tally.cause(later) : cause;
        return new Sample(nanos, requests, legOps, cpuNanos, allocatedBytes, latency, errors + later.count(), first);
    }

    double legOpsPerSecond() {
        return legOps * 1e9 / nanos;
    }

    double cpuMicrosPerLegOp() {
        return legOps == 0 ? 0 : cpuNanos / 1e3 / legOps;
    }

    double allocatedBytesPerRequest() {
        return requests == 0 ? 0 : (double) allocatedBytes / requests;
    }
}
