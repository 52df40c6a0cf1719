package io.dmio.bench.peers;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * fio on the same files, as the limit. Random work is one job over all legs with as many leg operations in flight, sequential
 * work a job for each leg (which was fio's faster way, and seeks no leg for the sake of another). psync has one call in
 * flight a job, so random work gets as many jobs as there are operations.
 */
record Fio(Workload work, List<Path> legs, Window window) {

    /** What is measured, in seconds. */
    record Window(double warmUp, double measured) {}

    List<String> command(boolean uring) {
        List<String> command = new ArrayList<>(List.of(
                "fio",
                "--ioengine=" + (uring ? "io_uring" : "psync"),
                "--rw=" + (work.random() ? "rand" : "") + (work.read() ? "read" : "write"),
                "--bs=" + work.blockBytes(),
                "--direct=1",
                "--norandommap",
                "--time_based",
                "--ramp_time=" + millis(window.warmUp),
                "--runtime=" + millis(window.measured),
                "--group_reporting",
                "--clat_percentiles=0", // lat is submission and completion: as much as our requests count
                "--lat_percentiles=1",
                "--percentile_list=50:99:99.9",
                "--output-format=json"));
        List<Path> used = legs.subList(0, work.legs());
        int depth = work.depth() * (work.random() ? work.legs() : 1);
        command.add("--iodepth=" + (uring ? depth : 1));
        if (work.random()) {
            command.add("--file_service_type=roundrobin:1");
            command.add("--numjobs=" + (uring ? 1 : depth));
            command.add("--name=all");
            command.add("--filename=" + used.stream().map(Path::toString).collect(Collectors.joining(":")));
        } else {
            for (Path leg : used) {
                command.add("--name=" + leg.getFileName());
                command.add("--filename=" + leg);
            }
        }
        return command;
    }

    private static String millis(double seconds) {
        return Math.round(seconds * 1000) + "ms";
    }

    /**
     * Reads fio's report.
     *
     * @param report fio's JSON, of one group
     * @param cpuSeconds of the whole process: fio's own percentages leave out the kernel's io_uring workers, which do the
     *     work wherever a file system cannot go on without waiting. The ramp's share is taken out by time.
     */
    Measured parse(String report, double cpuSeconds) {
        JsonObject json = new JsonObject(report.substring(report.indexOf('{'))); // warnings come before it
        JsonObject job = json.getJsonArray("jobs").getJsonObject(0);
        if (job.getInteger("error") != 0) {
            throw new IllegalStateException("fio reports error " + job.getInteger("error"));
        }
        JsonObject side = job.getJsonObject(work.read() ? "read" : "write");
        long legOps = side.getLong("total_ios");
        double seconds = side.getLong("runtime") / 1e3;
        JsonObject nanos = side.getJsonObject("lat_ns");
        JsonObject percentiles = nanos.getJsonObject("percentile");
        double share = window.measured / (window.warmUp + window.measured);
        return new Measured(
                legOps / work.legs(),
                legOps,
                side.getLong("io_bytes"),
                seconds,
                new Measured.Cost(cpuSeconds * 1e6 * share / legOps, -1, -1),
                new Measured.Nanos(
                        percentiles.getLong("50.000000"),
                        percentiles.getLong("99.000000"),
                        percentiles.getLong("99.900000"),
                        nanos.getLong("max")));
    }
}
