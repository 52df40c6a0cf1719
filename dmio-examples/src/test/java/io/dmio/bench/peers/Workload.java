package io.dmio.bench.peers;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

    private static final Pattern NAME =
            Pattern.compile("(random|sequential|read|read-sequential)-([0-9]{1,4})([km])-d([0-9]{1,4})-([0-9])legs?");

    /** One of these, or any other by a name that says what it does, as {@code random-64k-d8-2legs}. */
    static Workload named(String name) {
        return ALL.stream().filter(work -> work.name.equals(name)).findFirst().orElseGet(() -> other(name));
    }

    private static Workload other(String name) {
        Matcher parts = NAME.matcher(name);
        if (!parts.matches()) {
            throw new IllegalArgumentException("no work " + name + "; there are "
                    + ALL.stream().map(Workload::name).toList() + ", and others named as random-64k-d8-2legs is");
        }
        int block = Integer.parseInt(parts.group(2)) << (parts.group(3).equals("k") ? 10 : 20);
        int depth = Integer.parseInt(parts.group(4));
        int legs = Integer.parseInt(parts.group(5));
        if (block == 0 || depth == 0 || legs == 0 || legs > Target.LEGS) {
            throw new IllegalArgumentException(
                    name + ": 1 to " + Target.LEGS + " legs, and blocks and a depth of some");
        }
        boolean read = parts.group(1).startsWith("read");
        return new Workload(name, block, legs, depth, !parts.group(1).endsWith("sequential"), read);
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
