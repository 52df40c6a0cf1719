package io.dmio.app.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdviceTest {

    @Test
    void theLowestDepthThatGivesNearlyTheBestIsAdvised() {
        List<Result> results = List.of(
                Samples.result(Samples.variant("uring", 1), 10_000),
                Samples.result(Samples.variant("uring", 8), 29_000),
                Samples.result(Samples.variant("uring", 32), 30_000),
                Samples.result(Samples.variant("posix", 8), 20_000));
        assertThat(String.join("\n", Advice.of(results)))
                .isEqualTo(
                        "Advice for random writes to 1 leg: uring with 4 KiB blocks at depth 8 gives 29,000 leg ops/s,"
                                + " 97 % of the best.");
    }

    @Test
    void ofEqualDepthsTheFasterEngineIsAdvised() {
        List<Result> results = List.of(
                Samples.result(Samples.variant("uring", 8), 29_000),
                Samples.result(Samples.variant("posix", 8), 29_500));
        assertThat(String.join("\n", Advice.of(results))).contains("posix", "29,500", "the best measured");
    }

    @Test
    void withSeveralBlockSizesTheMostBytesAreAdvisedToo() {
        Variant large = new Variant("posix", 1, Workload.WRITE, Access.RANDOM, 1 << 20, 4);
        List<Result> results =
                List.of(Samples.result(Samples.variant("uring", 8), 29_000), Samples.result(large, 2000));
        assertThat(String.join("\n", Advice.of(results)))
                .contains("uring with 4 KiB blocks at depth 8")
                .contains("; posix with 1 MiB blocks at depth 4 gives 2,097 MB/s, the best measured.");
    }

    @Test
    void onlyTheLargestScopeIsCompared() {
        Variant three = new Variant("uring", 3, Workload.WRITE, Access.RANDOM, 4096, 32);
        List<Result> results = List.of(
                Samples.result(three, 90_000),
                Samples.result(Samples.variant("uring", 1), 10_000),
                Samples.result(Samples.variant("uring", 8), 29_000));
        assertThat(String.join("\n", Advice.of(results)))
                .contains("to 1 leg", "depth 8")
                .doesNotContain("90,000");
    }

    @Test
    void scopesOfEqualSizeGetASentenceEach() {
        List<Result> results = new ArrayList<>();
        for (Workload work : List.of(Workload.WRITE, Workload.READ, new Workload(70))) {
            for (int depth : new int[] {1, 8}) {
                results.add(Samples.result(new Variant("posix", 3, work, Access.SEQUENTIAL, 4096, depth), 10L * depth));
            }
        }
        assertThat(Advice.of(results)).hasSize(3);
        assertThat(String.join("\n", Advice.of(results)))
                .contains(
                        "sequential writes to 3 legs: ",
                        "sequential reads from 3 legs: ",
                        "sequential reads and writes (70/30) on 3 legs: ");
    }

    @Test
    void brokenResultsAdviseNothing() {
        Result broken = new Result(Samples.variant("uring", 1), List.of(Samples.broken("EIO")));
        assertThat(Advice.of(List.of(broken))).containsExactly("No advice: no variant ran without errors.");
        assertThat(Advice.of(List.of(broken, Samples.result(Samples.variant("posix", 1), 5))))
                .containsExactly("Nothing here compares; name more, for example --depth 1,8,32.");
    }
}
