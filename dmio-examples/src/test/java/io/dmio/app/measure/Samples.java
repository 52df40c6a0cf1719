package io.dmio.app.measure;

import java.util.Arrays;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Results made of numbers instead of measurements. */
public final class Samples {

    private Samples() {}

    /** A sample of one second. */
    public static Sample sample(long legOps, long... latencyMicros) {
        Histogram latency = new Histogram(3_600_000_000_000L, 3);
        Arrays.stream(latencyMicros).forEach(micros -> latency.recordValue(micros * 1000));
        return new Sample(
                1_000_000_000, Math.max(1, latencyMicros.length), legOps, legOps * 5000, 1000, latency, 0, "");
    }

    /** One that failed. */
    public static Sample broken(String cause) {
        Sample good = sample(1, 1);
        return new Sample(good.nanos(), 1, 1, 1, 1, good.latency(), 3, cause);
    }

    /** Random writes of 4 KiB to one leg. */
    public static Variant variant(String engine, int depth) {
        return new Variant(engine, 1, Workload.WRITE, Access.RANDOM, 4096, depth);
    }

    /** One sample with a latency that grows with the depth. */
    public static Result result(Variant variant, long legOps) {
        return new Result(variant, List.of(sample(legOps, 10L * variant.depth(), 90L * variant.depth())));
    }
}
