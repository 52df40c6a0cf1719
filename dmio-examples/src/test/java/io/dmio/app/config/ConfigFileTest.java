package io.dmio.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.app.CommandLineFixture;
import io.dmio.app.Main;
import io.dmio.app.cli.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** A file with a mirror's options, for all of its commands. */
class ConfigFileTest extends CommandLineFixture {

    private Path config(String... lines) throws IOException {
        return Files.writeString(dir.resolve("m.toml"), String.join("\n", lines) + "\n");
    }

    private int check(Path file) {
        String[] line = {"mirror", "config", "check", file.toString()};
        return Main.run(line, InputStream.nullInputStream(), out, err);
    }

    private String legs() {
        return "legs = ['" + path("a.img") + "', '" + path("b.img") + "']";
    }

    @Test
    void aFileStandsForTheOptionsThatItNames() throws IOException {
        assertThat(dmio("mirror", "create", "a.img", "b.img", "--size", "1M")).isEqualTo(ExitCode.GOOD);
        Path file = config(legs(), "listen = '127.0.0.1:10809'", "[tls]", "optional = false");
        assertThat(dmio("mirror", "status", "--config", file.toString())).isEqualTo(ExitCode.GOOD);
        assertThat(out()).contains("a.img", "b.img");
    }

    @Test
    void aGoodFileIsSaidToBeGood() throws IOException {
        Path file = config(legs(), "direct = true", "connections = 9", "rate = '10M'");
        assertThat(check(file)).isEqualTo(ExitCode.GOOD);
        assertThat(out()).contains(file + ": is good");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "legs = ['a.img', 5]         | :1:18: a leg is the name of a file, a disk or an export, in quotes",
                "legs = ['a.img', '']        | :1:18: a leg is the name of a file, a disk or an export, in quotes",
                "legs = ['a.img', './a.img'] | :1:1: ./a.img: is the same as a.img, which is given already",
                "legs = []                   | :1:1: no legs",
                "legs = ['a','b','c','d','e','f','g','h','i','j','k','l','m','n','o','p','q'] | :1:1: 17 legs: a mirror has at most 16",
                "direct = true               | : no legs"
            })
    void whatIsWrongOfTheLegsIsToldByTheirLineAndColumn(String line, String told) throws IOException {
        Path file = config(line);
        assertThat(check(file)).isEqualTo(ExitCode.MISUSE);
        assertThat(err()).startsWith("dmio: " + file + told);
    }

    @Test
    void aFileOfAnEditorOfWindowsIsRead() throws IOException {
        Path file = config("\ufeff" + legs() + "\r", "rate = '10M'\r");
        assertThat(check(file)).isEqualTo(ExitCode.GOOD);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "lisen = 'x'           | :2:1: 'lisen' is no option of dmio mirror serve",
                "rate = 'fast'         | :2:1: ",
                "rate = ['1M', 'fast'] | :2:15: ",
                "direct = 'yes'        | :2:1: direct is true or false",
                "listen = true         | :2:1: listen is text or a number",
                "config = 'other'      | :2:1: 'config' is no option",
                "listen = 'x           | :2:",
                "listen                | :2:7",
                "rate-at = ['08:00-18:00=1M', '17:00-19:00=2M'] | :2:1: --rate-at 17:00-19:00: overlaps 08:00-18:00",
                "scrub-repair = true   | :2:1: --scrub-repair: says how to scrub; say when with --scrub-at",
                "connections = 0       | :2:1: --connections 0: at least 1",
                "listen = '10809'      | :2:1: --listen 10809: is a port without a host",
                "listen = 'h:70000'    | :2:1: --listen: '70000' is no port",
                "metrics = 99999       | :2:1: --metrics 99999: '99999' is no port",
                "page = -1             | :2:1: --page -1: '-1' is no port",
                "page = '0.0.0.0:9465' | :2:1: --page 0.0.0.0:9465: other machines could come there",
                "page-token = 't'      | :2:1: --page-token: there is no page",
                "on-event = ' '        | :2:1: --on-event: has no command",
                "name = \"\\u0000\"      | :2:1: --name: a name of 1 bytes: it has at most 4096, and no NUL",
                "page-token = ''       | :2:1: Invalid value for option '--page-token': the path is empty",
                "tls-cert = 'x.pem'    | :2:1: --tls-cert: TLS needs --tls-cert and --tls-key",
                "unix = 's', listen = 'h' | :2:1: --unix and --listen: a server listens in one place"
            })
    void whatIsWrongIsToldByItsLineAndColumn(String line, String told) throws IOException {
        Path file = config(legs(), line.replace(", listen", "\nlisten"));
        assertThat(check(file)).isEqualTo(ExitCode.MISUSE);
        assertThat(err()).startsWith("dmio: " + file + told).hasLineCount(1);
    }

    @Test
    void whatIsNoFileOfTextIsRefusedAndNotWaitedFor() throws Exception {
        Path file = dir.resolve("m.toml");
        assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor())
                .isZero();
        assertThat(check(file)).isEqualTo(ExitCode.MISUSE);
        assertThat(err()).contains("m.toml: cannot be read: is no regular file");
        Files.delete(file);
        Files.createSymbolicLink(file, Path.of("/dev/zero"));
        assertThat(check(file)).isEqualTo(ExitCode.MISUSE);
        Files.delete(file);
        Files.write(file, new byte[] {'a', (byte) 0xff});
        err.reset();
        assertThat(check(file)).isEqualTo(ExitCode.MISUSE);
        assertThat(err()).contains("m.toml: cannot be read: is no text in UTF-8");
        Files.write(file, " ".repeat((1 << 20) + 1).getBytes(StandardCharsets.US_ASCII));
        assertThat(check(file)).isEqualTo(ExitCode.MISUSE);
        assertThat(err()).contains("m.toml: cannot be read: is longer than the 1 MiB");
    }

    @Test
    void aFileThatNamesNoLegsIsNoGoodOne() throws IOException {
        Path file = config("rate = '10M'");
        assertThat(check(file)).isEqualTo(ExitCode.MISUSE);
        assertThat(err()).startsWith("dmio: " + file + ": no legs: name them");
    }

    @Test
    void aFileThatNamesALegTwiceIsNoGoodOne() throws IOException {
        for (String twice : List.of("['a.img', 'a.img']", "['a.img', './a.img']", "['nbd://h/x', 'b', 'nbd://h/x']")) {
            Path file = config("legs = " + twice.replace("'", "\""));
            err.reset();
            assertThat(check(file)).isEqualTo(ExitCode.MISUSE);
            assertThat(err())
                    .startsWith("dmio: " + file + ":1:1: ")
                    .contains(" is the same as ", ", which is given already")
                    .hasLineCount(1);
            String told = err();
            err.reset();
            assertThat(dmio("mirror", "serve", "--config", file.toString())).isEqualTo(ExitCode.MISUSE);
            assertThat(err()).startsWith(told.strip());
        }
    }

    @Test
    void aFileThatIsNotThereIsSaidNotToBeThere() {
        assertThat(dmio("mirror", "status", "--config", path("none.toml"))).isEqualTo(ExitCode.MISUSE);
        assertThat(err()).contains("none.toml: no such file");
    }

    @Test
    void whatOnlyTheServerHasIsPassedOverWhereTheServerIsNotAmongTheCommands() throws IOException {
        CommandSpec server = CommandSpec.create()
                .addOption(OptionSpec.builder("--listen").type(String.class).build());
        SharedConfig group = () -> server;
        CommandSpec status = CommandSpec.create().name("status");
        CommandSpec.wrapWithoutInspection(group).name("mirror").addSubcommand("status", status);
        assertThat(ConfigFile.arguments(config("listen = 'h'"), status)).isEmpty();
        assertThatThrownBy(() -> ConfigFile.arguments(config("lisen = 'h'"), status))
                .hasMessageContaining(":1:1: 'lisen' is no option of mirror status");
    }

    @Test
    void whatIsPrintedForALineIsAFileThatSaysTheSame() throws IOException {
        String odd = path("a \"b\\c.img");
        assertThat(dmio("mirror", "serve", "--print-config", odd, "b.img", "--direct", "--rate=1M"))
                .isEqualTo(ExitCode.GOOD);
        String printed = out();
        Path file = Files.writeString(dir.resolve("printed.toml"), printed);
        out.reset();
        assertThat(dmio("mirror", "serve", "--print-config", "--config", file.toString()))
                .isEqualTo(ExitCode.GOOD);
        assertThat(out()).isEqualTo(printed).contains("a \\\"b\\\\c.img", "direct = true", "rate = \"1M\"");
    }

    @Test
    void aNameThatIsNoTextIsNotPrintedAsAnother() {
        String[] line = {"mirror", "serve", "--print-config", "/srv/caf\udce9.img"};
        assertThat(Main.run(line, InputStream.nullInputStream(), out, err)).isEqualTo(ExitCode.SOME_FAILED);
        assertThat(err()).contains("/srv/caf\\udce9.img: has bytes that are no text");
        assertThat(out()).isEmpty();
    }
}
