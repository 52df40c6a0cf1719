package io.dmio.bench;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs the JMH benchmarks of what is processor time only, with the allocation profile, and prints a Markdown table.
 *
 * <p>Arguments: {@code --short} for one fork of one second a benchmark; anything else is a pattern of benchmarks' names.
 */
public final class Pieces {

    private Pieces() {}

    public static void main(String[] args) throws RunnerException {
        List<String> given = List.of(args);
        boolean brief = given.contains("--short");
        ChainedOptionsBuilder options = new OptionsBuilder()
                .addProfiler(GCProfiler.class)
                .verbosity(VerboseMode.SILENT)
                .forks(brief ? 1 : 3)
                .warmupIterations(brief ? 2 : 5)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(brief ? 1 : 5)
                .measurementTime(TimeValue.seconds(1))
                .jvmArgs("-Xms256m", "-Xmx256m");
        List<String> patterns =
                given.stream().filter(word -> !word.startsWith("--")).toList();
        (patterns.isEmpty() ? List.of("io.dmio.bench.*Benchmark") : patterns).forEach(options::include);
        print(new Runner(options.build()).run());
    }

    private static void print(Collection<RunResult> results) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        out.println("| piece | ns | ± | bytes allocated |");
        out.println("|---|---|---|---|");
        for (RunResult result : results) {
            Result<?> time = result.getPrimaryResult();
            Result<?> heap = result.getSecondaryResults().get("gc.alloc.rate.norm");
            out.printf(
                    Locale.ROOT,
                    "| %s | %,.1f | %s | %,.0f |%n",
                    name(result),
                    time.getScore(),
                    Double.isNaN(time.getScoreError())
                            ? "–"
                            : String.format(Locale.ROOT, "%,.1f", time.getScoreError()),
                    heap == null ? 0 : heap.getScore());
        }
    }

    private static String name(RunResult result) {
        String benchmark = result.getParams().getBenchmark();
        String parameters = result.getParams().getParamsKeys().stream()
                .map(key -> " " + key + " " + result.getParams().getParam(key))
                .collect(Collectors.joining());
        return benchmark.substring(benchmark.lastIndexOf('.', benchmark.lastIndexOf('.') - 1) + 1) + parameters;
    }
}
