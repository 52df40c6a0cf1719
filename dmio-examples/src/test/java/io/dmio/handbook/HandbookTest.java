package io.dmio.handbook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.app.AppProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each recipe of docs/handbook.md and docs/getting-started.md does what it says: its commands are run as they stand there, and say what stands below them. */
@Execution(ExecutionMode.CONCURRENT) // they wait for most of their time
class HandbookTest {

    private static final List<String> PAGES = List.of("../docs/getting-started.md", "../docs/handbook.md");
    private static final List<String> PROGRAMS = List.of("bash", "nbdcopy", "nbdkit", "mkfs.ext4", "debugfs", "curl");
    private static final List<String> PLACES = List.of("/etc/dmio", "/run/dmio", "/srv", "/mnt");

    @TempDir
    private Path root;

    static List<Recipe> recipes() throws IOException {
        String only = System.getProperty("recipe", "");
        List<Recipe> recipes = new ArrayList<>();
        for (String page : PAGES) {
            recipes.addAll(Recipe.of(Files.readString(Path.of(page))));
        }
        return recipes.stream().filter(recipe -> recipe.title().contains(only)).toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("recipes")
    void aRecipeDoesWhatItSays(Recipe recipe) throws IOException, InterruptedException {
        PROGRAMS.forEach(program -> assumeTrue(isInstalled(program), program + " is not installed"));
        Path script = Files.writeString(root.resolve("script"), script(recipe));
        try (CommandPort port = new CommandPort()) {
            ProcessBuilder shell = new ProcessBuilder("bash", script.toString()).directory(root.toFile());
            shell.environment().put("ROOT", root.toString());
            shell.environment()
                    .put(
                            "UNITS",
                            Path.of("src/main/dist/systemd").toAbsolutePath().toString());
            shell.environment().put("DMIO_PORT", String.valueOf(port.number()));
            shell.environment()
                    .put("DMIO_SERVER", String.join(" ", AppProcess.of().command()));
            Process running = shell.redirectErrorStream(true)
                    .redirectOutput(root.resolve("rest").toFile())
                    .start();
            boolean ended = running.waitFor(110, TimeUnit.SECONDS);
            running.descendants().forEach(ProcessHandle::destroyForcibly);
            running.destroyForcibly();
            check(recipe);
            assertThat(ended).as("it does not end: " + rest()).isTrue();
        } finally {
            killExports();
        }
    }

    private void check(Recipe recipe) throws IOException {
        for (int i = 0; i < recipe.steps().size(); i++) {
            Recipe.Step step = recipe.steps().get(i);
            Path said = root.resolve(i + ".out");
            Path code = root.resolve(i + ".code");
            String name = "$ " + step.command();
            String text = Files.exists(said) ? Files.readString(said) : "";
            assertThat(code).as(name + " ended\n" + text + rest()).exists();
            String told = text.replace(root.toString(), "");
            if (!step.hidden()) {
                assertThat(told).as(name).matches(pattern(step.says()));
            }
            assertThat(Files.readString(code).strip()).as(name + ": " + told).isEqualTo("0");
        }
    }

    private String rest() throws IOException {
        return Files.readString(root.resolve("rest")) + Files.readString(root.resolve("journal"));
    }

    /** A line that is … alone stands for any lines, and others for themselves, but for their …. */
    private static Pattern pattern(List<String> lines) {
        StringBuilder all = new StringBuilder();
        for (String line : lines) {
            if (line.strip().equals("…")) {
                all.append("(.*\n)*?");
            } else {
                for (String piece : line.split("…", -1)) {
                    all.append(Pattern.quote(piece)).append("[^\n]*?");
                }
                all.setLength(all.length() - "[^\n]*?".length());
                all.append("\n");
            }
        }
        return Pattern.compile(all.toString());
    }

    private String script(Recipe recipe) throws IOException {
        StringBuilder script = new StringBuilder(Files.readString(Path.of("src/test/resources/handbook/prelude.sh")));
        for (int i = 0; i < recipe.steps().size(); i++) {
            Recipe.Step step = recipe.steps().get(i);
            String command = step.hidden() ? step.command() : moved(step.command());
            String out = root.resolve(i + ".out").toString();
            script.append("{ ")
                    .append(command.stripTrailing())
                    .append("\n} >")
                    .append(out)
                    .append(" 2>&1 </dev/null\n");
            script.append("echo $? >").append(root.resolve(i + ".code")).append('\n');
        }
        return script.append("kill $(jobs -p) 2>/dev/null; exit 0\n").toString();
    }

    /** The same below the root of the rehearsal. */
    private String moved(String command) {
        String moved = command;
        for (String place : PLACES) {
            moved = moved.replaceAll("(?<![\\w.])" + place + "(?=/|\\b)", root + place);
        }
        return moved;
    }

    private static boolean isInstalled(String program) {
        return Stream.of("/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/")
                .anyMatch(folder -> Files.isExecutable(Path.of(folder + program)));
    }

    private void killExports() throws IOException, InterruptedException {
        try (Stream<Path> all = Files.list(root.resolve("run"))) {
            for (Path pid : all.filter(file -> file.toString().endsWith(".pid")).toList()) {
                String number = Files.readString(pid, StandardCharsets.US_ASCII).strip();
                ProcessHandle.of(Long.parseLong(number)).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }
}
