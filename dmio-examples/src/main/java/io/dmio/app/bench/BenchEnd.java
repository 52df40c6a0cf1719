package io.dmio.app.bench;

import io.dmio.app.cli.Console;
import io.dmio.app.cli.ExitCode;
import io.dmio.app.cli.Sizes;
import io.dmio.app.measure.Machine;
import io.dmio.app.measure.Picture;
import io.dmio.app.measure.Result;
import io.dmio.app.measure.Variant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The end of {@code dmio bench}: results are printed and drawn, broken ones named, the exit code found.
 *
 * @param console where to tell
 * @param json whether JSON is printed instead of a table
 * @param svg where to draw
 * @param against the run to compare with
 */
record BenchEnd(Console console, boolean json, Optional<Path> svg, Optional<KeptRun> against) {

    /**
     * Tells everything.
     *
     * @param setup what ran
     * @param results the results, possibly of only some variants
     * @param stopped whether it ended early
     */
    int tell(BenchSetup setup, List<Result> results, boolean stopped) throws IOException {
        Optional<Comparison> comparison = against.map(kept -> Comparison.of(kept, results));
        if (json) {
            console.out().println(BenchJson.of(setup, results, comparison));
        } else if (!results.isEmpty()) {
            new BenchText(console).end(results);
            comparison.ifPresent(beside -> beside.print(console));
        }
        List<Result> broken = results.stream().filter(Result::broken).toList();
        broken.forEach(this::say);
        if (svg.isPresent() && !results.isEmpty()) {
            String heading =
                    "dmio bench: " + setup.place() + ", " + setup.legs().how();
            Files.writeString(
                    svg.get(), new Picture(results).svg(heading, Machine.here().toString()));
        }
        if (stopped) {
            console.err()
                    .println("dmio: stopped: " + results.size() + " of "
                            + Sizes.counted(setup.variants().size(), "variant") + " measured");
            return ExitCode.STOPPED;
        }
        boolean good = broken.isEmpty() && comparison.stream().noneMatch(Comparison::anySlower);
        return good ? ExitCode.GOOD : ExitCode.SOME_FAILED;
    }

    private void say(Result broken) {
        Variant variant = broken.variant();
        console.err()
                .println("dmio: " + BenchText.words(variant) + ": broken: " + Sizes.counted(broken.errors(), "error")
                        + ", the first: " + broken.cause().replace('\n', ' '));
    }
}
