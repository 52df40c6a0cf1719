package io.dmio.guides;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a page shows in Java or Kotlin is a part of a source that the build compiles, line by line. */
class ListingsTest {

    private static final Path ROOT = Path.of("..");
    private static final Pattern LISTING = Pattern.compile("(?s)```(?:java|kotlin)\n(.*?)```");
    private static final Pattern GRADLE = Pattern.compile("implementation\\(");

    private static final String SOURCES = Stream.of("dmio-examples/src", "dmio-reactive/src/test/java/io/dmio/proving")
            .flatMap(folder -> below(folder, ".java", ".kt"))
            .map(ListingsTest::text)
            .map(ListingsTest::withoutIndent)
            .collect(Collectors.joining("\n"));

    static List<Path> pages() {
        return Stream.concat(Stream.of(ROOT.resolve("README.md")), below("docs", ".md"))
                .filter(page -> !page.endsWith("getting-started.md")) // GettingStartedTest
                .filter(page -> LISTING.matcher(text(page)).find())
                .toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pages")
    void eachListingIsOfASourceThatIsCompiled(Path page) {
        List<String> listings = LISTING.matcher(text(page))
                .results()
                .map(MatchResult::group)
                .map(block -> block.substring(block.indexOf('\n') + 1, block.length() - 3))
                .filter(listing -> !GRADLE.matcher(listing).find()) // src/consumers/gradle
                .filter(listing ->
                        !listing.contains("import static java.nio.charset")) // the README's program, ExamplesTest
                .toList();
        for (String listing : listings) {
            assertThat(SOURCES.contains(withoutIndent(listing))).as(listing).isTrue();
        }
    }

    @Test
    void thereAreListingsInTheGuides() {
        assertThat(pages())
                .filteredOn(page -> page.toString().contains("guide-"))
                .hasSizeGreaterThan(5);
    }

    private static Stream<Path> below(String folder, String... endings) {
        try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
            return files
                    .filter(file -> Stream.of(endings)
                            .anyMatch(ending -> file.toString().endsWith(ending)))
                    .sorted()
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String withoutIndent(String text) {
        return text.strip().lines().map(String::strip).collect(Collectors.joining("\n"));
    }
}
