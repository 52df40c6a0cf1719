package io.dmio.examples.app;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The app in a process of its own, for what only a process has: signals, an environment, an exit code. */
final class AppProcess {

    private AppProcess() {}

    /** Ready to be started; whoever starts it ends it. */
    static ProcessBuilder of(String... args) {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(Arrays.asList(args));
        return new ProcessBuilder(command);
    }
}
