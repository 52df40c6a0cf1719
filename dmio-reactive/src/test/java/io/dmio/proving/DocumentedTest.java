package io.dmio.proving;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/testing-your-own.md shows is what is compiled and run here. */
class DocumentedTest {

    private static final Path PAGE = Path.of("../docs/testing-your-own.md");
    private static final Path SOURCES = Path.of("src/test/java/io/dmio/proving");

    @Test
    void everyExampleOnThePageIsInASourceWordForWord() throws IOException {
        List<String> shown = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(PAGE))
                .results()
                .map(MatchResult::group)
                .map(block -> block.substring("```java\n".length(), block.length() - "```".length()))
                .toList();
        assertThat(shown).hasSizeGreaterThan(3);
        List<String> sources;
        try (Stream<Path> files = Files.list(SOURCES)) {
            sources = files.map(DocumentedTest::text).toList();
        }
        assertThat(shown)
                .allSatisfy(block -> assertThat(sources)
                        .anySatisfy(source -> assertThat(source).contains(block)));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
