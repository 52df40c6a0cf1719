package io.dmio.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.Console;
import io.dmio.app.cli.ExitCode;
import io.dmio.app.cli.InUse;
import io.dmio.app.cli.ShutdownSignal;
import io.dmio.app.cli.Subcommands;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class SubcommandsTest extends CommandLineFixture {

    private final CommandContext context = new CommandContext(
            Console.plain(
                    InputStream.nullInputStream(), OutputStream.nullOutputStream(), OutputStream.nullOutputStream()),
            new ShutdownSignal(),
            InUse.here());
    private final List<String> described = new ArrayList<>();
    private final Subcommands below =
            new Subcommands().add("status", "How it is.", made("status")).add("serve", "Serve it.", made("serve"));
    private final Subcommands top = new Subcommands()
            .add("info", "What it promises.", made("info"))
            .add("mirror", "Mirrors.", made("mirror"), () -> below);

    @Test
    void onlyTheCommandThatIsNamedIsDescribed() {
        assertThat(describedFor("info", "x")).containsExactly("info");
        assertThat(describedFor("mirror", "status", "x")).containsExactly("mirror", "status");
    }

    @Test
    void allAreDescribedWhereAnyCouldBeMeant() {
        for (List<String> words : List.of(List.of("nonsense"), List.of("help", "mirror"), List.of("-v", "--help"))) {
            assertThat(describedFor(words.toArray(String[]::new)))
                    .as("%s", words)
                    .containsExactly("info", "mirror", "status", "serve");
        }
        assertThat(describedFor("mirror", "statsu")).containsExactly("mirror", "status", "serve");
    }

    @Test
    void whereCommandsAreOnlyListedNoneIsDescribed() {
        assertThat(describedFor("--help")).isEmpty();
        assertThat(describedFor()).isEmpty();
        assertThat(describedFor("mirror", "-h")).containsExactly("mirror");
        assertThat(describedFor("--version")).isEmpty();
        assertThat(describedFor("mirror", "-V")).containsExactly("mirror");
    }

    @Test
    void commandsAreFoundByTheNamesThatTheyHave() {
        haveTheirNames(Main.parser());
    }

    private static void haveTheirNames(CommandLine line) {
        for (Map.Entry<String, CommandLine> command : line.getSubcommands().entrySet()) {
            String inCode = command.getValue()
                    .getCommandSpec()
                    .userObject()
                    .getClass()
                    .getAnnotation(CommandLine.Command.class)
                    .name();
            assertThat(command.getKey()).isEqualTo(inCode);
            haveTheirNames(command.getValue());
        }
    }

    @Test
    void theHelpOfEachCommandSaysTheSameAsWhereAllAreDescribed() {
        CommandLine all = Main.parser();
        all.setUsageHelpWidth(80);
        helpsSayTheSame(all, List.of());
    }

    private void helpsSayTheSame(CommandLine line, List<String> path) {
        String whole = line.getUsageMessage(CommandLine.Help.Ansi.OFF);
        for (String asked : List.of("--help", "-h")) {
            String[] words = Stream.concat(path.stream(), Stream.of(asked)).toArray(String[]::new);
            out.reset();
            assertThat(run(words)).isEqualTo(ExitCode.GOOD);
            assertThat(out()).as("%s", List.of(words)).isEqualTo(whole);
        }
        line.getSubcommands().forEach((name, below) -> {
            if (!name.equals("help")) {
                helpsSayTheSame(
                        below, Stream.concat(path.stream(), Stream.of(name)).toList());
            }
        });
    }

    @Test
    void aCommandIsExplainedAndGuessedAmongAllOfThem() {
        assertThat(run("help", "mirror")).isEqualTo(ExitCode.GOOD);
        assertThat(out()).contains("Usage: dmio mirror", "status", "config");
        assertThat(run("mirror", "statsu")).isEqualTo(ExitCode.MISUSE);
        assertThat(err()).contains("'statsu' is no command: did you mean status?");
        err.reset();
        assertThat(run("inof")).isEqualTo(ExitCode.MISUSE);
        assertThat(err()).contains("'inof' is no command: did you mean info?");
        err.reset();
        assertThat(run("mirror", "status", "--hlep")).isEqualTo(ExitCode.MISUSE);
        assertThat(err()).contains("--hlep", "(try: dmio mirror status --help)");
    }

    private int run(String... words) {
        return Main.run(words, InputStream.nullInputStream(), out, err);
    }

    private List<String> describedFor(String... words) {
        described.clear();
        top.describe(new CommandLine(CommandSpec.create()), context, List.of(words));
        return List.copyOf(described);
    }

    private Function<CommandContext, Object> made(String name) {
        return given -> {
            described.add(name);
            return CommandSpec.create();
        };
    }
}
