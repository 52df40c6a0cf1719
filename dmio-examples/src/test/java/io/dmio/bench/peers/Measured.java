package io.dmio.bench.peers;

import io.vertx.core.json.JsonObject;
import org.HdrHistogram.Histogram;

/**
 * One run's figures; what a variant cannot tell is -1. A request's time is from its start to the end of its last leg; fio
 * knows no requests, so its times are those of leg operations.
 */
record Measured(long requests, long legOps, long bytes, double seconds, Cost cost, Nanos nanos) {

    /** Processor time of the whole process, heap allocated, most memory resident. */
    record Cost(double cpuMicrosPerLegOp, double allocatedBytesPerRequest, long residentBytesMax) {}

    /** How long requests took. */
    record Nanos(long p50, long p99, long p999, long max) {
        static Nanos of(Histogram histogram) {
            return new Nanos(
                    histogram.getValueAtPercentile(50),
                    histogram.getValueAtPercentile(99),
                    histogram.getValueAtPercentile(99.9),
                    histogram.getMaxValue());
        }
    }

    static Measured of(Workload work, Drive.Outcome outcome, long residentBytesMax) {
        long requests = outcome.nanos().getTotalCount();
        if (requests == 0) {
            throw new IllegalStateException("no request ended in " + outcome.seconds() + " s");
        }
        long legOps = requests * work.legs();
        Cost cost = new Cost(
                outcome.cpuNanos() / 1e3 / legOps, (double) outcome.allocatedBytes() / requests, residentBytesMax);
        return new Measured(
                requests, legOps, legOps * work.blockBytes(), outcome.seconds(), cost, Nanos.of(outcome.nanos()));
    }

    double legOpsPerSecond() {
        return legOps / seconds;
    }

    String toJson() {
        return new JsonObject()
                .put("requests", requests)
                .put("leg_ops", legOps)
                .put("bytes", bytes)
                .put("seconds", seconds)
                .put("cpu_us_per_leg_op", cost.cpuMicrosPerLegOp)
                .put("allocated_bytes_per_request", cost.allocatedBytesPerRequest)
                .put("resident_bytes_max", cost.residentBytesMax)
                .put("p50_ns", nanos.p50)
                .put("p99_ns", nanos.p99)
                .put("p999_ns", nanos.p999)
                .put("max_ns", nanos.max)
                .encode();
    }

    static Measured ofJson(String line) {
        JsonObject json = new JsonObject(line);
        return new Measured(
                json.getLong("requests"),
                json.getLong("leg_ops"),
                json.getLong("bytes"),
                json.getDouble("seconds"),
                new Cost(
                        json.getDouble("cpu_us_per_leg_op"),
                        json.getDouble("allocated_bytes_per_request"),
                        json.getLong("resident_bytes_max")),
                new Nanos(
                        json.getLong("p50_ns"),
                        json.getLong("p99_ns"),
                        json.getLong("p999_ns"),
                        json.getLong("max_ns")));
    }
}
