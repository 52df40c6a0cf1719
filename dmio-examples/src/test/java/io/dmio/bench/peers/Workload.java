package io.dmio.bench.peers;

import java.util.List;

/**
 * What every variant is asked to do. A request moves one block to (or from) the same position of every leg and has ended
 * when the last leg has; {@code depth} requests are in flight.
 */
record Workload(String name, int blockBytes, int legs, int depth, boolean random, boolean read) {

    static final List<Workload> ALL = List.of(
            new Workload("random-4k-d32-1leg", 4 << 10, 1, 32, true, false),
            new Workload("random-4k-d32-3legs", 4 << 10, 3, 32, true, false),
            new Workload("sequential-1m-3legs", 1 << 20, 3, 8, false, false),
            new Workload("latency-4k-d1", 4 << 10, 1, 1, true, false),
            new Workload("read-4k-d32-1leg", 4 << 10, 1, 32, true, true));

    static Workload named(String name) {
        return ALL.stream()
                .filter(work -> work.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no work " + name + "; there are "
                        + ALL.stream().map(Workload::name).toList()));
    }

    /** One at a time: what counts is the time of each, and waiting threads take part. */
    boolean latency() {
        return depth == 1;
    }

    String title() {
        return (blockBytes >= 1 << 20 ? (blockBytes >> 20) + " MiB " : (blockBytes >> 10) + " KiB ")
                + (random ? "random " : "sequential ")
                + (read ? "reads" : "writes")
                + (latency() ? ", one at a time" : ", " + depth + " requests in flight")
                + (legs == 1 ? "" : ", " + legs + " legs");
    }
}
