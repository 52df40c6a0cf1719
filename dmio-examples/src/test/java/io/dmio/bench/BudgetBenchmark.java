package io.dmio.bench;

import io.dmio.PageBudget;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A page granted and given back: at once, by two threads at a time, and after waiting in a line of a hundred. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BudgetBenchmark {

    private static final int WAITERS = 100;

    private final PageBudget free = new PageBudget(64, 1000);
    private final PageBudget taken = new PageBudget(1, 1000);

    @Benchmark
    public @Nullable Integer grantAndReturn() {
        return free.use(1, () -> Mono.just(1)).block();
    }

    @Benchmark
    @Threads(2)
    public @Nullable Integer grantAndReturnByTwoThreads() {
        return free.use(1, () -> Mono.just(1)).block();
    }

    /** The time of all hundred. */
    @Benchmark
    public int aLineOfAHundred() {
        Sinks.Empty<Integer> holder = Sinks.empty();
        int[] served = {0};
        var first = taken.use(1, holder::asMono).subscribe();
        for (int i = 0; i < WAITERS; i++) {
            var unused = taken.use(1, () -> Mono.just(1)).subscribe(one -> served[0] += one);
        }
        holder.tryEmitEmpty();
        first.dispose();
        return served[0];
    }
}
