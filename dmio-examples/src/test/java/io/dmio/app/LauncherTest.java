package io.dmio.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher, with something in place of Java that writes down which descriptors it was given. */
class LauncherTest {

    private static final Path LAUNCHER = Path.of("../dmio");

    private static final String ARCHIVING = """
            #!/bin/bash
            case "$*" in
              *Warmup*) exit 0 ;;
              *-Xshare:dump*)
                for word; do case $word in -XX:SharedArchiveFile=*) echo made >"${word#*=}" ;; esac; done
                echo made >>'%1$s' ;;
              *SharedArchiveFile*) echo used >>'%1$s' ;;
            esac
            """;

    @TempDir
    private Path root;

    private Path seen = Path.of("");

    @BeforeEach
    void built() throws IOException {
        Path app = Files.createDirectories(root.resolve("dmio-examples/target/quick/lib"));
        Files.createFile(app.resolve("dmio-examples.jar"));
        Files.createFile(root.resolve("pom.xml"));
        for (String module : List.of("dmio-examples", "dmio-reactive")) {
            Files.createDirectories(root.resolve(module).resolve("src/main"));
            Files.createFile(root.resolve(module).resolve("pom.xml"));
        }
        Path launcher = Path.of("dmio-examples/src/main/dist/bin/dmio");
        Files.createDirectories(root.resolve(launcher).getParent());
        executable(root.resolve(launcher), Files.readString(Path.of("..").resolve(launcher)));
        Files.createDirectories(root.resolve("target/quick"));
        Files.createFile(root.resolve("target/quick/built")); // newer than all of it: nothing is to be built
        executable(root.resolve("dmio"), Files.readString(LAUNCHER));
        seen = root.resolve("seen");
        Path java = Files.createDirectories(root.resolve("jdk/bin"));
        Files.writeString(root.resolve("jdk/release"), "JAVA_VERSION=\"17.0.1\"\n");
        executable(
                java.resolve("java"),
                "#!/bin/bash\ncase \"$*\" in *Warmup*) exit 1 ;; esac\n"
                        + "for number in 0 1 2; do readlink /proc/$$/fd/$number >&9; done 9>'" + seen + "'\n");
    }

    @Test
    void closedDescriptorsAreHeldBeforeJavaOpensAFile() throws IOException, InterruptedException {
        for (String closed : List.of("<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-")) {
            assertThat(start("\"$1\" info x " + closed)).as(closed).isZero();
            assertThat(Files.readString(seen)).as(closed).hasLineCount(3);
        }
    }

    @Test
    void whatIsHeldForAClosedInputCannotBeRead() throws IOException, InterruptedException {
        executable(root.resolve("jdk/bin/java"), "#!/bin/bash\ncase \"$*\" in *Warmup*) exit 1 ;; esac\nexec cat\n");
        assertThat(start("\"$1\" info x <&-")).isNotZero();
        assertThat(start("\"$1\" info x </dev/null")).isZero();
    }

    @Test
    void javaMakesNamesInUtf8WhateverTheLocale() throws IOException, InterruptedException {
        executable(
                root.resolve("jdk/bin/java"),
                "#!/bin/bash\ncase \"$*\" in *Warmup*) exit 1 ;; esac\n"
                        + "echo \"${LC_ALL:-${LC_CTYPE:-${LANG:-C}}}\" >>'" + seen + "'\n");
        for (String locale : List.of("LC_ALL=C", "LC_ALL= LANG=", "LC_CTYPE=POSIX", "LC_ALL= LC_CTYPE= LANG=de_DE")) {
            assertThat(start("export " + locale + "; \"$1\" info x")).isZero();
        }
        assertThat(start("export LC_ALL= LANG=de_DE.utf8; \"$1\" info x")).isZero();
        assertThat(seen).hasContent("C.UTF-8\n".repeat(4) + "de_DE.utf8\n");
    }

    @Test
    void theAppIsBuiltAnewAfterAnotherBuildEmptiedItsDirectory() throws IOException, InterruptedException {
        Path jar = root.resolve("dmio-examples/target/quick/lib/dmio-examples.jar");
        Files.delete(jar);
        Path programs = Files.createDirectories(root.resolve("programs"));
        executable(
                programs.resolve("mvn"),
                "#!/bin/sh\nmkdir -p dmio-examples/target/quick/lib\n>dmio-examples/target/quick/dmio-examples.jar\n");
        assertThat(run("PATH='" + programs + "':$PATH \"$1\" info x").output()).contains("building");
        assertThat(jar).exists();
        assertThat(start("\"$1\" info x")).isZero();
    }

    @Test
    void theArchiveOfClassesIsMadeOnceAndAnewForJarsThatAreNewer() throws IOException, InterruptedException {
        executable(root.resolve("jdk/bin/java"), ARCHIVING.formatted(seen));
        assertThat(start("\"$1\" info x && \"$1\" info x")).isZero();
        assertThat(seen).hasContent("made\nused\nused\n");
        Path jar = root.resolve("dmio-examples/target/quick/lib/dmio-examples.jar");
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(60)));
        assertThat(start("\"$1\" info x && \"$1\" info x")).isZero();
        assertThat(seen).hasContent("made\nused\nused\n".repeat(2));
    }

    @Test
    void theArchiveBesideTheJarsIsTakenWhereAnotherPlaceForItIsNamed() throws IOException, InterruptedException {
        executable(root.resolve("jdk/bin/java"), ARCHIVING.formatted(seen));
        Path cache = root.resolve("cache");
        assertThat(start("\"$1\" info x && DMIO_CACHE='" + cache + "' \"$1\" info x"))
                .isZero();
        assertThat(seen).hasContent("made\nused\nused\n");
        assertThat(cache).doesNotExist();
    }

    @Test
    void aStartThatIsEndedWhileItMakesTheArchiveLeavesNothingBehind() throws IOException, InterruptedException {
        Path cache = root.resolve("cache");
        executable(root.resolve("jdk/bin/java"), """
                #!/bin/bash
                for word; do case $word in -XX:DumpLoadedClassList=*) echo half >"${word#*=}" ;; esac; done
                kill -TERM $PPID
                """);
        assertThat(start("DMIO_CACHE='" + cache + "' \"$1\" info x")).isEqualTo(128 + 15);
        assertThat(cache).isEmptyDirectory();
    }

    private int start(String script) throws IOException, InterruptedException {
        Ended launcher = run(script);
        assertThat(launcher.output()).doesNotContain("building");
        return launcher.code();
    }

    private Ended run(String script) throws IOException, InterruptedException {
        ProcessBuilder bash = new ProcessBuilder(
                "bash", "-c", script, "bash", root.resolve("dmio").toString());
        bash.environment().put("JAVA_HOME", root.resolve("jdk").toString());
        Process launcher = bash.redirectErrorStream(true).start();
        String said = new String(launcher.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(launcher.waitFor(), said);
    }

    private static void executable(Path path, String script) throws IOException {
        Files.writeString(path, script);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private record Ended(int code, String output) {}
}
