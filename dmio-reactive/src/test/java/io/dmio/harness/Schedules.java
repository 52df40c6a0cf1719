package io.dmio.harness;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/**
 * Two threads in orders that a model checker chooses. A model is a public class that makes everything anew, with operations
 * that each do one thing, and a validation that says what must hold when both threads are through. A scenario is some of the
 * operations, dealt to the threads; each is run again and again, and each time the threads are switched elsewhere: at reads and
 * writes of shared fields, at locks and at atomic operations, first once in a run, then more often. Memory is taken for
 * sequentially consistent: what a processor or a compiler reorders is not seen.
 */
public final class Schedules {

    /** How many times as many runs as a build has time for. */
    private static final int FACTOR = Integer.getInteger("dmio.schedules", 1);

    /** Of one run; the first one rewrites all classes that it meets, which takes long on a busy machine. */
    private static final long TIMEOUT_MILLIS = 100_000;

    private Schedules() {}

    /**
     * Runs chosen scenarios of a model.
     *
     * @param runs of each scenario in a build, at most; {@code -Ddmio.schedules=100} makes it a hundred times as many
     * @param scenarios operations by their names: what comes first, and what the two threads do after it, as in
     *     {@code "write; leave | turn turn"}
     */
    public static void explore(Class<?> model, int runs, String... scenarios) {
        ModelCheckingOptions options = options(runs).iterations(0);
        for (String scenario : scenarios) {
            int first = scenario.indexOf(';');
            List<Actor> before = actors(model, scenario.substring(0, Math.max(first, 0)));
            List<List<Actor>> threads = Arrays.stream(
                            scenario.substring(first + 1).split("\\|"))
                    .map(thread -> actors(model, thread))
                    .toList();
            options.addCustomScenario(new ExecutionScenario(before, threads, List.of(), null));
        }
        options.check(model);
    }

    /**
     * Runs scenarios that are dealt by chance, but always by the same.
     *
     * @param runs as above
     * @param scenarios how many
     * @param operations of each of the two threads
     */
    public static void exploreAny(Class<?> model, int runs, int scenarios, int operations) {
        options(runs).iterations(scenarios).actorsPerThread(operations).check(model);
    }

    private static ModelCheckingOptions options(int runs) {
        return new ModelCheckingOptions()
                .threads(2)
                .actorsBefore(0)
                .actorsAfter(0)
                .invocationsPerIteration(Math.multiplyExact(runs, FACTOR))
                .invocationTimeout$lincheck(TIMEOUT_MILLIS)
                .minimizeFailedScenario(false)
                .addGuarantee(ManagedStrategyGuaranteeKt.forClasses(Schedules::isBeside)
                        .allMethods()
                        .treatAsAtomic());
    }

    private static List<Actor> actors(Class<?> model, String names) {
        return Arrays.stream(names.split(" "))
                .filter(name -> !name.isEmpty())
                .map(name -> new Actor(operation(model, name), List.of()))
                .toList();
    }

    private static Method operation(Class<?> model, String name) {
        try {
            return model.getMethod(name);
        } catch (NoSuchMethodException unknown) {
            throw new IllegalArgumentException(unknown);
        }
    }

    // Netty, and what only models use: no place to switch.
    private static boolean isBeside(String name) {
        return name.startsWith("io.netty.")
                || name.startsWith("io.dmio.nbd.client.PlayedServer")
                || name.startsWith("ch.qos.logback.")
                || name.equals(Clock.class.getName())
                || name.equals(HandLoop.Tasks.class.getName());
    }

    /** Throws unless it holds. */
    public static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }

    /** Says what came before what. */
    public static final class Clock {
        private final AtomicInteger now = new AtomicInteger();

        /** Later than all before it. */
        public int tick() {
            return now.incrementAndGet();
        }
    }
}
