package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A program of the system that a test runs, if it is there; for a limited time. */
final class Tool {

    private static final long SECONDS_MAX = 180;

    private Tool() {}

    /** Skips the test, with a reason, where a program is missing. */
    static void assumeThere(String... names) {
        for (String name : names) {
            assumeTrue(isThere(name), name + " is not installed: see .ci/run for the package");
        }
    }

    /** What it prints; it has to succeed. */
    static String run(String... command) {
        Outcome outcome = outcome(command);
        assertThat(outcome.code)
                .as("%s printed: %s", String.join(" ", command), outcome.text)
                .isZero();
        return outcome.text;
    }

    /** What it prints, and how it ends. */
    static Outcome outcome(String... command) {
        try {
            Path text = Files.createTempFile("tool", ".txt");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                        .redirectErrorStream(true)
                        .redirectOutput(text.toFile())
                        .start();
                if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                    throw new AssertionError(String.join(" ", command) + " did not end; printed: " + read(text));
                }
                return new Outcome(process.exitValue(), read(text));
            } finally {
                Files.delete(text);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    /** Starts a server and waits until it is ready; whoever starts it ends it. */
    static Process serve(BooleanSupplier ready, List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.DISCARD)
                    .start();
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_MAX);
            while (!ready.getAsBoolean()) {
                assertThat(process.isAlive()).as("%s runs", command).isTrue();
                assertThat(System.nanoTime()).as("%s is ready", command).isLessThan(end);
                process.waitFor(10, TimeUnit.MILLISECONDS);
            }
            return process;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    /** How a program ended. */
    record Outcome(int code, String text) {}

    private static boolean isThere(String name) {
        for (String directory : List.of("/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin")) {
            if (Files.isExecutable(Path.of(directory, name))) {
                return true;
            }
        }
        return false;
    }

    private static String read(Path text) throws IOException {
        return Files.readString(text, StandardCharsets.UTF_8);
    }

    /** Whether somebody listens at a unix socket. */
    static boolean isAlive(Path socket) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException nobody) {
            return false;
        }
    }
}
