package io.dmio.shown;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether a line of Maven names only what there is: profiles, modules, goals, programs, properties and tests. */
final class Maven {

    private static final Path ROOT = Path.of("..");
    private static final Set<String> PHASES =
            Set.of("test", "test-compile", "compile", "package", "verify", "install", "deploy", "spotless:apply");
    private static final Set<String> ITS_OWN = Set.of(
            "skipTests",
            "maven.test.skip",
            "argLine",
            "test",
            "gpg.keyname",
            "altDeploymentRepository",
            "exec.mainClass");

    private static final String POMS = below(ROOT, "pom.xml").map(Block::text).collect(Collectors.joining());
    private static final Set<String> SOURCES = Stream.of("dmio-reactive/src", "dmio-examples/src")
            .flatMap(folder -> below(ROOT.resolve(folder), ".java"))
            .map(Block::text)
            .collect(Collectors.toSet());

    private Maven() {}

    /** The words behind {@code mvn}. */
    static void check(List<String> words) {
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.equals("-pl")) {
                assertThat(ROOT.resolve(words.get(++i))).as(word).isDirectory();
            } else if (word.startsWith("-P")) {
                assertThat(POMS).as(word).contains("<id>" + word.substring(2) + "</id>");
            } else if (word.startsWith("-D")) {
                property(word.substring(2));
            } else if (word.startsWith("exec:exec@")) {
                assertThat(POMS).as(word).contains("<id>" + word.substring("exec:exec@".length()) + "</id>");
            } else if (word.startsWith("org.codehaus.mojo:exec-maven-plugin:")) {
                assertThat(POMS).as(word).contains("<version>" + word.split(":", -1)[2] + "</version>");
            } else if (!Set.of("-q", "-B", "-am").contains(word)) {
                assertThat(PHASES).contains(word);
            }
        }
    }

    private static void property(String assigned) {
        String name = assigned.contains("=") ? assigned.substring(0, assigned.indexOf('=')) : assigned;
        String value = assigned.substring(Math.min(assigned.length(), name.length() + 1));
        if (name.equals("test")) {
            Stream.of(value.split(",", -1)).forEach(Maven::test);
        } else if (name.equals("argLine") || name.equals("test.jvm")) {
            Stream.of(value.split(" ", -1))
                    .filter(option -> option.startsWith("-D") && !option.startsWith("-Dio.netty."))
                    .forEach(option -> read(option.substring(2).split("=", -1)[0]));
        } else if (!ITS_OWN.contains(name)
                && !POMS.contains("${" + name + "}")
                && !POMS.contains("<name>" + name + "<")) {
            assertThat(POMS.contains("<name>!" + name + "<") || isRead(name))
                    .as(name)
                    .isTrue();
        }
    }

    private static void read(String name) {
        assertThat(isRead(name)).as("read by a source: " + name).isTrue();
    }

    private static boolean isRead(String property) {
        return SOURCES.stream().anyMatch(source -> source.contains("\"" + property + "\""));
    }

    private static void test(String pattern) {
        PathMatcher matches =
                FileSystems.getDefault().getPathMatcher("glob:**/" + pattern.replaceAll("#.*", "") + ".java");
        assertThat(below(ROOT.resolve("dmio-reactive/src/test"), ".java")
                        .filter(matches::matches)
                        .toList())
                .as(pattern)
                .isNotEmpty();
    }

    private static Stream<Path> below(Path folder, String ending) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files
                    .filter(file ->
                            file.toString().endsWith(ending) && !file.toString().contains("/target/"))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
