package io.dmio.app.control;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option for where the sockets of servers are. */
public final class RunDirectoryOption {

    @Option(
            names = "--run-dir",
            paramLabel = "DIR",
            description = "Where servers have the sockets by which they are asked. Default: /run/dmio for root, else"
                    + " $XDG_RUNTIME_DIR/dmio.")
    private @Nullable Path directory;

    /** Returns the directory to use. */
    public RunDirectory get() {
        Path given = directory;
        return given != null
                ? new RunDirectory(given, true)
                : RunDirectory.usual(System.getenv(), System.getProperty("user.name", ""));
    }
}
