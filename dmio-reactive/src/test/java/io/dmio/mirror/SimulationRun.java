package io.dmio.mirror;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/** Runs simulations of a range of seeds side by side, and keeps what failed. */
final class SimulationRun {

    private SimulationRun() {}

    /** A seed that failed, and its history. */
    record Failure(long seed, String history) {}

    /**
     * Runs a range of seeds on all processors.
     *
     * @param first the first seed
     * @param count how many
     * @param broken rules to switch off
     * @return the failures, by seed
     */
    static List<Failure> run(long first, long count, Set<Rule> broken) {
        ConcurrentLinkedQueue<Failure> failures = new ConcurrentLinkedQueue<>();
        AtomicLong next = new AtomicLong(first);
        LongStream.range(0, Runtime.getRuntime().availableProcessors())
                .parallel()
                .forEach(worker -> {
                    for (long seed = next.getAndIncrement(); seed < first + count; seed = next.getAndIncrement()) {
                        failure(seed, broken).ifPresent(failures::add);
                    }
                });
        return failures.stream()
                .sorted((one, other) -> Long.compare(one.seed, other.seed))
                .toList();
    }

    /** The first of a range of seeds that fails, if one does. */
    static Optional<Failure> firstFailure(long first, long most, Set<Rule> broken) {
        return LongStream.range(first, first + most)
                .mapToObj(seed -> failure(seed, broken))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** Plays one seed; tells if it fails. */
    static Optional<Failure> failure(long seed, Set<Rule> broken) {
        try {
            new MirrorSimulation(seed, broken.isEmpty() ? EnumSet.noneOf(Rule.class) : broken).run();
            return Optional.empty();
        } catch (AssertionError failure) {
            return Optional.of(new Failure(seed, String.valueOf(failure.getMessage())));
        }
    }

    /** {@code first count [rules to break]}: runs them, and prints what failed; of a single one, all that happened. */
    public static void main(String[] args) {
        long first = Long.parseLong(args[0]);
        long count = Long.parseLong(args[1]);
        Set<Rule> broken = EnumSet.noneOf(Rule.class);
        List.of(args).subList(2, args.length).forEach(rule -> broken.add(Rule.valueOf(rule)));
        if (count == 1) {
            MirrorSimulation one = new MirrorSimulation(first, broken);
            one.run();
            System.out.println(one.history());
            return;
        }
        long start = System.nanoTime();
        List<Failure> failures = run(first, count, broken);
        for (Failure failure : failures) {
            System.out.println(failure.history.lines().findFirst().orElse(""));
        }
        if (!failures.isEmpty()) {
            System.out.println(failures.get(0).history);
        }
        System.out.printf(
                "%d seeds from %d, %d failed, %.1f s%n",
                count, first, failures.size(), (System.nanoTime() - start) / 1e9);
    }
}
