package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.AppProcess;
import io.dmio.app.OwnThread;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A mirror that a process of its own serves, on a unix socket in a directory and with its run directory there. */
final class ServedMirror implements AutoCloseable {

    private static final int SECONDS = 180;

    private final Process server;
    private final BufferedReader said;
    private final List<String> lines = new ArrayList<>();

    private ServedMirror(Process server) {
        this.server = server;
        this.said = new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Starts it, and waits until clients may come. */
    static ServedMirror of(Path directory, String... words) throws IOException {
        List<String> all = new ArrayList<>(
                List.of("mirror", "serve", "--run-dir", directory + "/run", "--unix", directory + "/socket"));
        all.addAll(List.of(words));
        ServedMirror served = new ServedMirror(AppProcess.of(all.toArray(String[]::new))
                .redirectErrorStream(true)
                .start());
        served.await("ready ");
        return served;
    }

    /** Reads what it says up to a line that has these words. */
    void await(String words) {
        for (String line = next(words); line != null; line = next(words)) {
            lines.add(line);
            if (line.contains(words)) {
                return;
            }
        }
        throw new AssertionError("it ended without saying " + words + ": " + lines);
    }

    private @Nullable String next(String words) {
        CompletableFuture<@Nullable String> line = OwnThread.call(() -> {
            try {
                return said.readLine();
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        });
        try {
            return line.get(SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException silent) {
            server.destroyForcibly();
            throw new AssertionError("it does not say " + words + ": " + lines, silent);
        }
    }

    long process() {
        return server.pid();
    }

    /** As a power cut would end it. */
    void kill() throws InterruptedException {
        server.destroyForcibly();
        assertThat(server.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    /** Ends it in good order. */
    void end() throws InterruptedException {
        server.destroy();
        assertThat(server.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(server.exitValue()).as(lines.toString()).isZero();
    }

    @Override
    public void close() {
        server.destroyForcibly();
    }
}
