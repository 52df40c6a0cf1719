package io.dmio.bench.peers;

import java.util.List;

/**
 * What every variant is asked to do. A request moves one block to (or from) the same position of every leg and has ended
 * when the last leg has; {@code depth} requests are in flight.
 */
record Work(String name, int blockBytes, int legs, int depth, boolean random, boolean read) {

    static final List<Work> ALL = List.of(
            new Work("random-4k-d32-1leg", 4 << 10, 1, 32, true, false),
            new Work("random-4k-d32-3legs", 4 << 10, 3, 32, true, false),
            new Work("sequential-1m-3legs", 1 << 20, 3, 8, false, false),
            new Work("latency-4k-d1", 4 << 10, 1, 1, true, false),
            new Work("read-4k-d32-1leg", 4 << 10, 1, 32, true, true));

    static Work named(String name) {
        return ALL.stream()
                .filter(work -> work.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no work " + name + "; there are "
                        + ALL.stream().map(Work::name).toList()));
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
