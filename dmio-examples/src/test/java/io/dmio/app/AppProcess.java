package io.dmio.app;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The app in a process of its own, for what only a process has: signals, an environment, an exit code. */
public final class AppProcess {

    private static final int FIRST_TO_WARN = 24; // of native code, on the output where answers are awaited
    private static final String NO_UNSAFE = "io.netty.noUnsafe";

    private AppProcess() {}

    /** Ready to be started, as {@code ./dmio} starts a command that is soon over; whoever does ends it. */
    public static ProcessBuilder of(String... args) {
        // Whatever started the tests may ignore SIGHUP, as nohup does, and who is started inherits that.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=HUP"));
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        if (Runtime.version().feature() >= FIRST_TO_WARN) {
            command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        }
        if (Boolean.getBoolean(NO_UNSAFE)) {
            command.add("-D" + NO_UNSAFE + "=true");
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(Arrays.asList(args));
        return new ProcessBuilder(command);
    }
}
