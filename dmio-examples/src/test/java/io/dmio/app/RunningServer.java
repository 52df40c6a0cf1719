package io.dmio.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.Console;
import io.dmio.app.cli.InUse;
import io.dmio.app.cli.ShutdownSignal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** A command that serves until it is told to stop, in a thread of this process, and what it says meanwhile. */
public final class RunningServer implements AutoCloseable {

    private static final HttpClient HTTP = HttpClient.newHttpClient(); // one, as a server takes so many connections
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final ShutdownSignal stop = new ShutdownSignal();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final CompletableFuture<Integer> serving;

    private RunningServer(String... words) {
        Console console = Console.plain(new ByteArrayInputStream(new byte[0]), out, err);
        serving = OwnThread.call(() -> Main.run(words, new CommandContext(console, stop, InUse.here())));
    }

    /** Starts it, and waits until clients may come and monitoring, too. */
    public static RunningServer start(String... words) {
        RunningServer server = new RunningServer(words);
        server.await(() -> server.out().contains("\nmetrics ") || server.out().contains("\"metrics\""));
        return server;
    }

    /**
     * Starts a mirror's, with its sockets in a directory: {@code run}, where commands find it, and {@code socket}, for clients.
     *
     * @param more options, and the legs
     */
    public static RunningServer ofMirror(Path directory, String... more) {
        List<String> words = new ArrayList<>(List.of(
                "mirror",
                "serve",
                "--run-dir",
                directory.resolve("run").toString(),
                "--unix",
                directory.resolve("socket").toString(),
                "--metrics",
                "0"));
        words.addAll(List.of(more));
        return start(words.toArray(String[]::new));
    }

    public String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    public String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /** The rest of the line that begins so, once it is there. */
    public String said(String first) {
        await(() -> line(first).isPresent());
        return line(first).orElseThrow();
    }

    private Optional<String> line(String first) {
        return out().lines()
                .filter(line -> line.startsWith(first + " "))
                .map(line -> line.substring(first.length() + 1))
                .findFirst();
    }

    /** What it answers there, beside its metrics. */
    public HttpResponse<String> get(String path) {
        try {
            URI uri = URI.create(said("metrics")).resolve(path);
            return HTTP.send(
                    HttpRequest.newBuilder(uri).timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /** Looks until it holds. */
    public void await(BooleanSupplier holds) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.getAsBoolean()) {
            assertThat(serving).as(err()).isNotDone();
            assertThat(System.nanoTime()).as(err()).isLessThan(end);
            try {
                serving.get(20, TimeUnit.MILLISECONDS);
            } catch (TimeoutException notYet) {
                // look again
            } catch (InterruptedException | ExecutionException failed) {
                throw new IllegalStateException(failed);
            }
        }
    }

    /** Stops it; its exit code. */
    public int stop() {
        stop.request();
        return serving.join();
    }

    @Override
    public void close() {
        stop();
    }
}
