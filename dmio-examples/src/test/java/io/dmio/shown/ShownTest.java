package io.dmio.shown;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.CommandLineFixture;
import io.dmio.app.Main;
import io.dmio.nbd.NbdUri;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/**
 * Whatever the README and the pages of docs/ show is checked: what others execute is named here, and all else is taken apart and held
 * against what there is. A block of a kind that nothing knows fails.
 */
class ShownTest extends CommandLineFixture {

    private static final Path ROOT = Path.of("..");

    /** Languages of fences, and the test that holds them. */
    private static final Map<String, String> FENCES = Map.of(
            "java", "ListingsTest",
            "kotlin", "ListingsTest",
            "xml", "FeatureJarsTest",
            "boxes", "PictureTest",
            "marble", "PictureTest",
            "layout", "PictureTest");

    /** Programs that are not ours: what they are given is theirs to judge, but for addresses. */
    private static final Set<String> FOREIGN = Set.of(
            "truncate",
            "dd",
            "losetup",
            "sed",
            "chown",
            "gzip",
            "tar",
            "git",
            "nbdfuse",
            "mkfs.ext4",
            "mount",
            "nbdinfo",
            "qemu-img",
            "qemu-nbd",
            "qemu-system-x86_64");

    private static final String CONTROL = Block.text(Path.of("src/main/resources/io/dmio/app/mirror/openapi.json"));
    private static final Pattern INLINE = Pattern.compile("`((?:\\./)?dmio [^`]*)`");

    static List<Block> blocks() {
        return Block.all();
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void whatAPageShowsIsSo(Block block) throws IOException {
        String first = block.lines().get(0);
        if (block.language().equals("toml")) {
            isAConfiguration(block.text());
        } else if (block.language().equals("yaml")) {
            isScrapedBy("PrometheusTest", block);
        } else if (!block.language().isEmpty()) {
            String test = FENCES.getOrDefault(block.language(), "");
            assertThat(test).as(block.language()).isNotEmpty();
            isATest(test);
        } else if (block.page().equals("docs/design.md")) {
            isATest("LayoutTest"); // pictures
            assertThat(first).doesNotMatch("(\\$ |\\./|mvn |dmio ).*");
        } else if (block.page().equals("docs/handbook.md")) {
            isATest("HandbookTest"); // runs what begins so
            assertThat(first).startsWith("$ ");
        } else if (first.equals("[Service]")) {
            isAUnit(block);
        } else if (first.matches("\\d{4}-\\d\\d-\\d\\dT.*")) {
            assertThat(block.lines()).allMatch(line -> line.matches("\\S{23}Z (WARN|INFO)  \\w+: .+"));
        } else if (first.startsWith("failed: ")) {
            assertThat(block.page()).isEqualTo("docs/getting-started.md"); // consumers/readme compares
        } else {
            Shell.commands(block.lines()).forEach(this::isACommand);
        }
    }

    static List<List<String>> inline() {
        return Block.pages().stream()
                .flatMap(page -> INLINE.matcher(Block.text(page)).results())
                .map(found -> found.group(1).replaceAll("[\\[\\]]", "").replaceAll("\\s+", " "))
                .distinct()
                .flatMap(line -> Shell.of(line).stream())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("inline")
    void aCommandThatATextNamesHasTheWordsThatItIsGiven(List<String> words) {
        if (words.get(0).endsWith("dmio")) {
            parse(words.subList(1, words.size()), true);
        }
    }

    @Test
    void linesOfAConfigurationThatATextNamesAreGood() throws IOException {
        Map<String, String> lines = new TreeMap<>(Map.of("legs", "legs = [\"a.img\", \"b.img\"]"));
        Pattern.compile("`(([a-z-]+) = [^`]+)`")
                .matcher(Block.text(ROOT.resolve("docs/installing.md")))
                .results()
                .forEach(found -> lines.put(found.group(2), found.group(1)));
        assertThat(lines).hasSizeGreaterThan(4);
        isAConfiguration(String.join("\n", lines.values()));
    }

    @Test
    void aBlockThatNobodyKnowsFails() {
        for (String unknown : List.of(
                "frobnicate a.img", "./dmio mirror creat a.img", "./dmio copy --no-such a b", "mvn -Pnone verify")) {
            assertThat(catching(() -> Shell.of(unknown).forEach(this::isACommand)))
                    .as(unknown)
                    .isTrue();
        }
    }

    private static boolean catching(Runnable check) {
        try {
            check.run();
            return false;
        } catch (AssertionError failed) {
            return true;
        }
    }

    private void isACommand(List<String> given) {
        List<String> words = new ArrayList<>(given);
        words.remove("…");
        while (words.get(0).matches("[A-Z_]+=.*")) {
            words.remove(0);
        }
        addresses(words);
        String program = words.get(0);
        List<String> rest = words.subList(1, words.size());
        switch (program) {
            case "./dmio", "dmio" -> parse(rest, false);
            case "mvn" -> Maven.check(rest);
            case "java" -> java(rest);
            case "curl" -> curl(rest);
            case "systemctl" ->
                assertThat(Path.of("src/main/dist/systemd/" + unit(words.get(words.size() - 1))))
                        .exists();
            case "docker" -> docker(rest);
            case "Enable-Native-Access:" -> assertThat(rest).containsExactly("ALL-UNNAMED");
            default -> {
                if (program.contains("/")) {
                    assertThat(ROOT.resolve(program)).isExecutable();
                } else {
                    assertThat(FOREIGN).contains(program);
                }
            }
        }
    }

    /** @param named whether it only names a command, so that what is needed may be left out */
    private void parse(List<String> words, boolean named) {
        List<String> args = new ArrayList<>(words);
        args.remove("…");
        if (args.contains("--config")) { // is read where it is named
            args.set(args.indexOf("--config") + 1, configuration());
        }
        try {
            Main.parser().parseArgs(args.toArray(String[]::new));
        } catch (CommandLine.UnmatchedArgumentException wrong) {
            throw new AssertionError(words + ": " + wrong.getMessage(), wrong);
        } catch (CommandLine.ParameterException wrong) {
            boolean left = named && String.valueOf(wrong.getMessage()).matches("(Missing|Error: Missing|Expected).*");
            assertThat(left).as(words + ": " + wrong.getMessage()).isTrue();
        }
    }

    private String configuration() {
        try {
            return Files.writeString(dir.resolve("store.toml"), "legs = [\"a.img\", \"b.img\"]\n")
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void addresses(List<String> words) {
        Matcher address = Pattern.compile("\\bnbds?(\\+unix)?://[^', ]*").matcher(String.join(" ", words));
        while (address.find()) {
            assertThat(NbdUri.parse(address.group())).isNotNull();
        }
    }

    private static void java(List<String> words) {
        String last = words.get(words.size() - 1);
        int program = words.indexOf("-cp") + 2;
        if (words.contains("-cp")) {
            String name = words.get(program);
            assertThat(Path.of("src/main/java/" + name.replace('.', '/') + ".java"))
                    .content()
                    .contains("void main(");
        } else {
            String allowed = last.substring(last.indexOf('=') + 1);
            assertThat(Block.text(Path.of("src/consumers/run")))
                    .as(last)
                    .contains(allowed); // programs of others start so
        }
    }

    private static void curl(List<String> words) {
        String address = words.stream()
                .filter(word -> word.startsWith("http"))
                .findFirst()
                .orElseThrow();
        if (!address.startsWith("http://dmio/")) {
            assertThat(address).isEqualTo("http://127.0.0.1:9464/metrics"); // the port of the line above it
            return;
        }
        String path = address.substring("http://dmio".length())
                .replaceAll("\\?.*", "")
                .replaceAll("/legs/\\d+", "/legs/{leg}");
        String verb = words.contains("-d") ? "post" : "get";
        assertThat(path.equals("/v1/openapi.json")
                        || CONTROL.replaceAll("\\s+", " ").contains("\"" + path + "\": { \"" + verb + "\""))
                .as(verb + " " + path)
                .isTrue();
        if (verb.equals("post")) {
            Matcher field = Pattern.compile("\"(\\w+)\":").matcher(words.get(words.indexOf("-d") + 1));
            while (field.find()) {
                assertThat(CONTROL).contains("\"" + field.group(1) + "\"");
            }
        }
    }

    private void docker(List<String> words) {
        if (words.get(0).equals("run")) {
            parse(words.subList(words.indexOf("dmio") + 1, words.size()), false);
        }
    }

    private static String unit(String name) {
        String kind = name.contains(".") ? "" : ".service";
        return name.replaceAll("@\\w+", "@") + kind;
    }

    private void isAConfiguration(String text) throws IOException {
        Path file = Files.writeString(dir.resolve("shown.toml"), text);
        String[] check = {"mirror", "config", "check", file.toString()};
        assertThat(Main.run(check, new ByteArrayInputStream(in), out, err))
                .as(text + err())
                .isZero();
    }

    private void isAUnit(Block block) {
        String start = block.lines().stream()
                .filter(line -> line.startsWith("ExecStart="))
                .findFirst()
                .orElseThrow();
        List<String> words = Shell.of(start.substring("ExecStart=".length())).get(0);
        assertThat(words.get(0)).endsWith("/dmio");
        addresses(words);
        parse(words.subList(1, words.size()), false);
    }

    /** Has what that test gives the real program, but for the address. */
    private static void isScrapedBy(String test, Block block) throws IOException {
        String source = Block.text(isATest(test));
        for (String line : block.lines()) {
            assertThat(source).contains(line.replaceAll("'.*", "").strip());
        }
    }

    private static Path isATest(String name) throws IOException {
        for (String module : List.of("dmio-examples", "dmio-reactive")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test"))) {
                Optional<Path> test =
                        files.filter(file -> file.endsWith(name + ".java")).findFirst();
                if (test.isPresent()) {
                    return test.get();
                }
            }
        }
        throw new AssertionError("no test " + name);
    }
}
