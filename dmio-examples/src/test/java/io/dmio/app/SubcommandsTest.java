package io.dmio.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.Console;
import io.dmio.app.cli.InUse;
import io.dmio.app.cli.ShutdownSignal;
import io.dmio.app.cli.Subcommands;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class SubcommandsTest {

    private final CommandContext context = new CommandContext(
            Console.plain(
                    InputStream.nullInputStream(), OutputStream.nullOutputStream(), OutputStream.nullOutputStream()),
            new ShutdownSignal(),
            InUse.here());
    private final List<String> described = new ArrayList<>();
    private final Subcommands below =
            new Subcommands().add("status", made("status")).add("serve", made("serve"));
    private final Subcommands top = new Subcommands().add("info", made("info")).addParent("mirror", (given, words) -> {
        described.add("mirror");
        CommandLine mirror = new CommandLine(CommandSpec.create());
        below.describe(mirror, given, words);
        return mirror;
    });

    @Test
    void onlyTheCommandThatIsAskedForIsDescribed() {
        assertThat(describedFor("info", "x")).containsExactly("info");
        assertThat(describedFor("mirror", "status", "x")).containsExactly("mirror", "status");
    }

    @Test
    void allAreDescribedWhereAnyCouldBeMeant() {
        for (List<String> words :
                List.of(List.<String>of(), List.of("nonsense"), List.of("help", "mirror"), List.of("-v", "--help"))) {
            assertThat(describedFor(words.toArray(String[]::new)))
                    .as("%s", words)
                    .containsExactly("info", "mirror", "status", "serve");
        }
        assertThat(describedFor("mirror")).containsExactly("mirror", "status", "serve");
    }

    @Test
    void helpNeedsNothingOfWhatIsBelowTheCommandsThatItShows() {
        assertThat(describedFor("--help")).containsExactly("info", "mirror");
        assertThat(describedFor("mirror", "-h")).containsExactly("mirror", "status", "serve");
    }

    @Test
    void theVersionNeedsNoCommand() {
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
