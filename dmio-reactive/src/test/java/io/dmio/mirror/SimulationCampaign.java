package io.dmio.mirror;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Plays seeds of every kind in turn, in pieces, on all processors, until its time is over, and goes on from there the next time. How
 * far each kind is stands in a file; a piece that was not played to its end is played again.
 */
final class SimulationCampaign {

    private static final int PIECE_SEEDS = 50;

    private final Path file;
    private final TreeMap<Long, Kind> kinds = new TreeMap<>(); // by million
    private final Deque<Kind> waiting = new ArrayDeque<>(); // nobody plays them now

    /** Seeds of one million: from the first to before the next they have been played. */
    private record Kind(long million, long first, long next, List<Long> failed) {

        static Kind of(String line) {
            List<Long> numbers =
                    Stream.of(line.split(" ", -1)).map(Long::valueOf).toList();
            return new Kind(numbers.get(0), numbers.get(1), numbers.get(2), numbers.subList(3, numbers.size()));
        }

        String line() {
            return Stream.concat(Stream.of(million, first, next), failed.stream())
                    .map(String::valueOf)
                    .reduce((all, one) -> all + " " + one)
                    .orElseThrow();
        }

        long played() {
            return next - first;
        }

        Kind played(long until, List<Long> alsoFailed) {
            List<Long> all = new ArrayList<>(failed);
            all.addAll(alsoFailed);
            return new Kind(million, first, until, all);
        }

        /** A row of the table in docs/testing.md. */
        String row() {
            List<Set<Danger>> drawn = LongStream.range(first, next)
                    .mapToObj(Danger::of)
                    .distinct()
                    .toList();
            String what = drawn.size() > 1
                    ? "several"
                    : drawn.get(0).isEmpty()
                            ? "none"
                            : "`" + drawn.get(0).iterator().next() + "`";
            return String.format(
                    "| %s | %,d to %,d | %,d | %s |",
                    what, first, next - 1, played(), failed.isEmpty() ? "none" : words(failed));
        }

        private static String words(List<Long> seeds) {
            return seeds.size() + ": "
                    + String.join(", ", seeds.stream().map(String::valueOf).toList());
        }
    }

    /**
     * Goes on where the file says, or begins.
     *
     * @param file has a line for each kind
     * @param offset of the first seed of each million that is played, if the file does not say
     */
    SimulationCampaign(Path file, long offset) throws IOException {
        this.file = file;
        for (long million : Danger.millions()) {
            long first = million * Danger.MILLION + offset;
            kinds.put(million, new Kind(million, first, first, List.of()));
        }
        if (Files.exists(file)) {
            Files.readAllLines(file).stream().map(Kind::of).forEach(kind -> kinds.put(kind.million, kind));
        }
        kinds.values().stream()
                .filter(kind -> kind.next < Danger.end(kind.million))
                .sorted(Comparator.comparingLong(Kind::played))
                .forEach(waiting::add);
    }

    /** Plays for so long, and until the pieces end that were begun by then. */
    void run(long nanos) {
        long start = System.nanoTime();
        LongStream.range(0, Runtime.getRuntime().availableProcessors())
                .parallel()
                .forEach(worker -> {
                    while (System.nanoTime() - start < nanos) {
                        Kind kind = take();
                        if (kind == null) {
                            return; // each of those left is played by another worker
                        }
                        play(kind);
                    }
                });
    }

    private void play(Kind kind) {
        long until = Math.min(kind.next + PIECE_SEEDS, Danger.end(kind.million));
        List<Long> failed = new ArrayList<>();
        for (long seed = kind.next; seed < until; seed++) {
            SimulationRun.failure(seed, Set.of()).ifPresent(failure -> {
                System.out.println(failure.history().lines().findFirst().orElse(""));
                failed.add(failure.seed());
            });
        }
        played(kind.played(until, failed));
    }

    private synchronized @Nullable Kind take() {
        return waiting.poll();
    }

    private synchronized void played(Kind kind) {
        kinds.put(kind.million, kind);
        if (kind.next < Danger.end(kind.million)) {
            waiting.add(kind);
        }
        try {
            Path fresh = Objects.requireNonNull(file.resolveSibling(file.getFileName() + ".new"));
            Files.write(fresh, kinds.values().stream().map(Kind::line).toList());
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private List<String> table() {
        List<String> rows = new ArrayList<>(List.of("| Danger | Seeds | Count | Failed |", "|---|---|---|---|"));
        kinds.values().stream().filter(kind -> kind.played() > 0).map(Kind::row).forEach(rows::add);
        long all = played();
        long failed =
                kinds.values().stream().mapToLong(kind -> kind.failed.size()).sum();
        rows.add(String.format("| all | | %,d | %s |", all, failed == 0 ? "none" : failed));
        return rows;
    }

    private long played() {
        return kinds.values().stream().mapToLong(Kind::played).sum();
    }

    /** {@code minutes offset [file]}: prints each seed that fails, and in the end the table of all that was ever played. */
    public static void main(String[] args) throws IOException {
        ((Logger) LoggerFactory.getLogger(MirrorEvent.class)).setLevel(Level.OFF); // histories have what happens
        SimulationCampaign campaign =
                new SimulationCampaign(Path.of(args.length > 2 ? args[2] : ".campaign"), Long.parseLong(args[1]));
        long before = campaign.played();
        long start = System.nanoTime();
        campaign.run((long) (Double.parseDouble(args[0]) * 60e9));
        campaign.table().forEach(System.out::println);
        double seconds = (System.nanoTime() - start) / 1e9;
        long played = campaign.played() - before;
        System.out.printf("%,d seeds now, %.1f a second%n", played, played / seconds);
    }
}
