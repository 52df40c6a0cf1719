package io.dmio.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A program of the tests in a JVM of its own, which can be killed: the JVM, class path and Netty of whoever starts it. */
public final class ChildJvm {

    private static final String NO_UNSAFE = "io.netty.noUnsafe";

    private ChildJvm() {}

    /** How it is started, with arguments; whoever starts it ends it. */
    public static List<String> command(Class<?> program, String... args) {
        List<String> command =
                new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow(), "-Xmx256m"));
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")); // short lives
        if (Boolean.getBoolean(NO_UNSAFE)) {
            command.add("-D" + NO_UNSAFE + "=true");
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(Arrays.asList(args));
        return command;
    }

    /** Runs a command to its good end; returns what it said. */
    public static String said(List<String> command) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(said).isZero();
        return said;
    }
}
