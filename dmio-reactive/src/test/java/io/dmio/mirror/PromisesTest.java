package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.SourceFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What docs/mirror.md promises names what keeps it, what checks it and what tests it; and these are there. */
class PromisesTest {

    private static final Path DOCS = Path.of("..", "docs");
    private static final Pattern ROW =
            Pattern.compile("^\\| (\\d+) \\|(.*)\\|(.*)\\|(.*)\\|(.*)\\|$", Pattern.MULTILINE);
    private static final String TESTS = SourceFiles.below(Path.of("src", "test", "java"), ".java").stream()
            .map(SourceFiles::text)
            .collect(Collectors.joining());

    /** A row of the page's table. */
    record Promise(int number, String rules, String checks, String tests) {}

    static List<Promise> promises() {
        return ROW.matcher(page("mirror.md"))
                .results()
                .map(row -> new Promise(Integer.parseInt(row.group(1)), row.group(3), row.group(4), row.group(5)))
                .toList();
    }

    private static String page(String name) {
        return SourceFiles.text(DOCS.resolve(name));
    }

    @Test
    void theyAreNumberedFromOneOn() {
        assertThat(promises().stream().map(Promise::number))
                .isNotEmpty()
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, promises().size()).boxed().toList());
    }

    @ParameterizedTest
    @MethodSource("promises")
    void eachNamesRulesOrClassesThatThereAre(Promise promise) {
        Set<String> known = Stream.concat(
                        Stream.of(Rule.values()).map(Rule::name),
                        SourceFiles.below(Path.of("src", "main", "java", "io", "dmio", "mirror"), ".java").stream()
                                .map(path -> String.valueOf(path.getFileName()).replace(".java", "")))
                .collect(Collectors.toSet());
        assertThat(named(promise.rules)).isNotEmpty().isSubsetOf(known);
    }

    @ParameterizedTest
    @MethodSource("promises")
    void eachNamesChecksOfTheSimulationThatThereAre(Promise promise) {
        Set<String> dangers = Stream.of(Danger.values()).map(Danger::name).collect(Collectors.toSet());
        assertThat(named(promise.checks)).isSubsetOf(dangers);
        String simulation =
                page("testing.md").split("## The mirror's simulation", 2)[1].split("### ", 2)[0];
        Pattern.compile("\\d+")
                .matcher(promise.checks)
                .results()
                .forEach(number -> assertThat(simulation).containsPattern("(?m)^" + number.group() + "\\. "));
    }

    @ParameterizedTest
    @MethodSource("promises")
    void eachNamesTestsThatThereAre(Promise promise) {
        assertThat(named(promise.tests))
                .isNotEmpty()
                .allSatisfy(test -> assertThat(TESTS).contains("void " + test + "("));
    }

    /** Its limits, and docs/testing.md's tables of what catches a broken rule, name tests as well. */
    @Test
    void whatElseIsNamedLikeATestIsOne() {
        String limits = page("mirror.md").split("What legs must do for that", 2)[1];
        String broken = page("testing.md").split("### Can it fail\\?", 2)[1].split("### Campaigns", 2)[0];
        assertThat(sentences(limits + broken))
                .isNotEmpty()
                .allSatisfy(test -> assertThat(TESTS).contains("void " + test + "("));
    }

    @Test
    void everyRuleIsNamed() {
        String pages = page("mirror.md") + page("testing.md");
        assertThat(Rule.values()).allSatisfy(rule -> assertThat(pages).contains("`" + rule.name() + "`"));
    }

    private static Set<String> named(String cell) {
        return Pattern.compile("`(\\w+)`")
                .matcher(cell)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    // As tests are named: facts, of several words.
    private static Set<String> sentences(String text) {
        return named(text).stream()
                .filter(name -> name.matches("[a-z]+([A-Z][a-z]*){3,}"))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
