package io.dmio.examples;

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

/** docs/adopting.md shows what the consumers run: their sources and their coordinates, which {@code src/consumers/run} builds. */
class AdoptingTest {

    private static final Path CONSUMERS = Path.of("src/consumers");
    private static final String EXAMPLES = "src/main/java/io/dmio/examples/";

    @Test
    void itsListingsAreOfProgramsThatTheBuildRuns() throws IOException {
        String sources = text(".java") + text(".kt") + read(Path.of(EXAMPLES + "BytesAndStreams.java"));
        List<String> listings = listings("java|kotlin").stream()
                .filter(listing -> !listing.contains("implementation(")) // Gradle's
                .toList();
        assertThat(listings).hasSizeGreaterThan(1);
        for (String listing : listings) {
            assertThat(withoutIndent(sources)).contains(withoutIndent(listing));
        }
    }

    @Test
    void itsCoordinatesAreThoseOfTheConsumers() throws IOException {
        String poms = text("pom.xml").replace("${dmio.version}", "VERSION");
        List<String> listings = listings("xml");
        assertThat(listings).isNotEmpty();
        for (String listing : listings) {
            for (MatchResult dependency : Pattern.compile("(?s)<dependency>.*?</dependency>")
                    .matcher(listing)
                    .results()
                    .toList()) {
                String wanted = dependency.group().replaceFirst("<version>[^<]*", "<version>VERSION");
                assertThat(withoutIndent(poms)).contains(withoutIndent(wanted));
            }
        }
    }

    private static List<String> listings(String languages) throws IOException {
        return Pattern.compile("(?s)```(?:" + languages + ")\n(.*?)```")
                .matcher(Files.readString(Path.of("../docs/adopting.md")))
                .results()
                .map(listing -> listing.group(1))
                .toList();
    }

    private static String text(String ending) throws IOException {
        try (Stream<Path> files = Files.walk(CONSUMERS)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .map(AdoptingTest::read)
                    .collect(Collectors.joining("\n"));
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String withoutIndent(String text) {
        return text.lines().map(String::strip).collect(Collectors.joining("\n"));
    }
}
