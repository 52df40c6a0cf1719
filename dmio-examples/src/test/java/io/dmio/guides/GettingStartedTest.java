package io.dmio.guides;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The programs of docs/getting-started.md are compiled and run as they stand there, and print what it says they print. Its commands are run by
 * {@code HandbookTest}, and what it does with Maven by {@code src/consumers/run}.
 */
class GettingStartedTest {

    private static final Pattern PROGRAM =
            Pattern.compile("(?s)`src/main/java/(\\w+)\\.java`:\n\n```java\n(.*?)```(.*?)(?=\n## )");
    private static final Pattern SAYS = Pattern.compile("prints:\n\n((?: {4}.*\n)+)");

    @Test
    void eachProgramSaysWhatThePageSays(@TempDir Path directory) throws IOException, InterruptedException {
        List<MatchResult> programs = PROGRAM.matcher(Files.readString(Path.of("../docs/getting-started.md")))
                .results()
                .toList();
        assertThat(programs).extracting(program -> program.group(1)).containsExactly("Hello", "Broken");
        for (MatchResult program : programs) {
            Path source = directory.resolve(program.group(1) + ".java");
            compile(Files.writeString(source, program.group(2)));
            String wanted = SAYS.matcher(program.group(3))
                    .results()
                    .map(says -> says.group(1).replaceAll("(?m)^ {4}", ""))
                    .findFirst()
                    .orElseThrow();
            assertThat(run(program.group(1), directory)).as(program.group(1)).isEqualTo(wanted);
        }
    }

    private static void compile(Path source) {
        JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler(), "a JDK runs the tests");
        String classes = System.getProperty("java.class.path");
        String[] arguments = {"-proc:none", "-cp", classes, "-d", String.valueOf(source.getParent()), source.toString()
        };
        assertThat(compiler.run(null, null, null, arguments)).as("%s", source).isZero();
    }

    private static String run(String program, Path directory) throws IOException, InterruptedException {
        String java = ProcessHandle.current().info().command().orElseThrow();
        String classes = directory + ":" + System.getProperty("java.class.path");
        Process running = new ProcessBuilder(java, "-XX:+UseSerialGC", "-cp", classes, program)
                .directory(directory.toFile())
                .redirectError(directory.resolve("log").toFile())
                .start();
        String said = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(running.waitFor())
                .as(Files.readString(directory.resolve("log")))
                .isZero();
        return said;
    }
}
