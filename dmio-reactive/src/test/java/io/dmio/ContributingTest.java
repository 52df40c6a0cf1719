package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What CONTRIBUTING.md sends newcomers to is there: the checks and examples that it names, and the files that it links to. */
class ContributingTest {

    private static final Path ROOT = Path.of("..");

    /** {@code `MethodsTest`}, or {@code `Main.commands`}: a type, perhaps with a member. */
    private static final Pattern TYPE = Pattern.compile("`([A-Z][a-z]+[A-Z]\\w*|Main)(?:\\.\\w+)?`");

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)\\)");
    private static final Pattern PATH = Pattern.compile("`([\\w.-]+/[\\w./-]+\\w)`");

    /** Types of others. */
    private static final Set<String> FOREIGN = Set.of("IllegalArgumentException");

    @Test
    void everyTypeThatIsNamedExists() throws IOException {
        Set<String> named = found(TYPE);
        named.removeAll(FOREIGN);
        assertThat(named).contains("MethodsTest", "BlockDeviceContract", "Main");
        assertThat(types()).containsAll(named);
    }

    @Test
    void everyFileThatIsNamedExists() throws IOException {
        Set<String> named = found(LINK);
        named.addAll(found(PATH));
        assertThat(named)
                .contains("docs/design.md", "CHANGELOG.md", ".ci/run")
                .allSatisfy(path -> assertThat(ROOT.resolve(path)).exists());
    }

    private static Set<String> found(Pattern pattern) throws IOException {
        Set<String> found = new TreeSet<>();
        Matcher matcher = pattern.matcher(Files.readString(ROOT.resolve("CONTRIBUTING.md")));
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    private static Set<String> types() throws IOException {
        Set<String> types = new TreeSet<>();
        for (String module : new String[] {"dmio-reactive", "dmio-examples"}) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src"))) {
                types.addAll(files.map(file -> file.getFileName().toString())
                        .filter(name -> name.endsWith(".java"))
                        .map(name -> name.substring(0, name.length() - ".java".length()))
                        .collect(Collectors.toSet()));
            }
        }
        return types;
    }
}
