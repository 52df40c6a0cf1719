package io.dmio.app;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.Console;
import io.dmio.app.cli.Engine;
import io.dmio.app.cli.InUse;
import io.dmio.app.cli.ShutdownSignal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs most commands once, on small files of its own, for the launcher: its archive of classes keeps what they load. Their output is
 * discarded, and a command that fails is left out.
 */
final class Warmup {

    private static final int FILE_BYTES = 1 << 20;

    private Warmup() {}

    /**
     * Runs them.
     *
     * @param args none
     * @throws IOException if there is no place for the files
     */
    public static void main(String[] args) throws IOException {
        Path folder = Files.createTempDirectory("dmio-warmup");
        try {
            run(folder);
        } finally {
            delete(folder);
        }
        Engine.closeAll(); // as Main does
        System.exit(0); // an archive is written at the end, and threads of pools may stay
    }

    /**
     * Runs them.
     *
     * @param folder the folder for their files
     * @return their exit codes
     */
    static List<Integer> run(Path folder) throws IOException {
        String file = folder.resolve("file").toString();
        String one = folder.resolve("one").toString();
        String other = folder.resolve("other").toString();
        Files.write(Path.of(file), new byte[FILE_BYTES]);
        return List.of(
                command("--version"),
                command("--help"),
                command("info", file),
                command(
                        "copy",
                        file,
                        folder.resolve("copy").toString(),
                        folder.resolve("second").toString()),
                command("mirror", "create", "--size", "8M", one, other),
                command("mirror", "status", one, other),
                command("mirror", "status", "--json", one, other),
                server("mirror", "serve", "--unix", folder.resolve("m").toString(), one, other),
                server("serve", "--unix", folder.resolve("s").toString(), file));
    }

    private static int command(String... line) {
        return run(new ShutdownSignal(), OutputStream.nullOutputStream(), line);
    }

    /** Runs a server that is asked to end as soon as it says that it is ready, or anything else. */
    private static int server(String... line) {
        ShutdownSignal shutdown = new ShutdownSignal();
        OutputStream ready = new OutputStream() {
            @Override
            public void write(int any) {
                shutdown.request();
            }
        };
        return run(shutdown, ready, line);
    }

    private static int run(ShutdownSignal shutdown, OutputStream out, String... line) {
        Console console = Console.plain(InputStream.nullInputStream(), out, out);
        return Main.run(line, new CommandContext(console, shutdown, InUse.here()));
    }

    private static void delete(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(folder)) {
            files = found.toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
        Files.delete(folder);
    }
}
