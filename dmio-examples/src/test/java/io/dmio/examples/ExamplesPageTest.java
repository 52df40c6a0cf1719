package io.dmio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/examples.md shows what is compiled. */
class ExamplesPageTest {

    @Test
    void eachListingIsPartOfAnExample() throws IOException {
        StringBuilder sources = new StringBuilder();
        try (DirectoryStream<Path> examples = Files.newDirectoryStream(Path.of("src/main/java/io/dmio/examples"))) {
            for (Path example : examples) {
                sources.append(Files.readString(example));
            }
        }
        List<MatchResult> shown = Pattern.compile("(?s)```java\n(.*?)```")
                .matcher(Files.readString(Path.of("../docs/examples.md")))
                .results()
                .toList();
        assertThat(shown)
                .hasSizeGreaterThan(3)
                .allSatisfy(listing -> assertThat(sources).containsIgnoringWhitespaces(listing.group(1)));
    }
}
