package io.dmio.app.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.app.AppProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Python stands in for systemd: the JDK has no datagrams on unix sockets. */
class ServiceManagerTest {

    private static final String PYTHON = "/usr/bin/python3";
    private static final String LISTEN = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.bind(sys.argv[1].replace('@', '\\0', 1))
            s.settimeout(60)
            print('bound', flush=True)
            while True:
                print(s.recv(4096).decode().replace('\\n', '|'), flush=True)
            """;

    @TempDir
    private Path directory;

    @Test
    void isToldThatClientsMayComeAndThatTheEndHasBegun() throws IOException, InterruptedException {
        Path disk = Files.write(directory.resolve("disk"), new byte[1 << 20]);
        String uri = "nbd+unix:///?socket=" + directory.resolve("socket");
        Process manager = manager(directory.resolve("notify").toString());
        try (BufferedReader told =
                new BufferedReader(new InputStreamReader(manager.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(told.readLine()).isEqualTo("bound");
            ProcessBuilder serve =
                    AppProcess.of("serve", "--unix", directory.resolve("socket").toString(), disk.toString());
            serve.environment().put("NOTIFY_SOCKET", directory.resolve("notify").toString());
            Process server = serve.inheritIO().start();
            try {
                assertThat(told.readLine()).isEqualTo("READY=1|STATUS=serving " + uri);
                server.destroy(); // SIGTERM
                assertThat(told.readLine()).isEqualTo("STOPPING=1");
                assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(server.exitValue()).isZero();
            } finally {
                server.destroyForcibly();
            }
        } finally {
            manager.destroyForcibly();
        }
    }

    @Test
    void aMirrorIsToldToLiveAsOftenAsTheWatchdogWantsAndThatItReloads() throws IOException, InterruptedException {
        Path config = mirror();
        Process manager = manager(directory.resolve("notify").toString());
        try (BufferedReader told =
                new BufferedReader(new InputStreamReader(manager.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(told.readLine()).isEqualTo("bound");
            ProcessBuilder serve = AppProcess.of(
                    "mirror",
                    "serve",
                    "--config",
                    config.toString(),
                    "--unix",
                    directory + "/socket",
                    "--run-dir",
                    directory + "/run");
            serve.environment().put("NOTIFY_SOCKET", directory.resolve("notify").toString());
            serve.environment().put("WATCHDOG_USEC", "900000");
            Process server = serve.inheritIO().start();
            try {
                assertThat(told.readLine()).startsWith("READY=1|STATUS=serving nbd+unix");
                assertThat(told.readLine())
                        .startsWith("WATCHDOG=1|STATUS=serving nbd")
                        .endsWith(": all 2 legs in sync");
                assertThat(told.readLine()).startsWith("WATCHDOG=1|");
                assertThat(new ProcessBuilder("kill", "-HUP", String.valueOf(server.pid()))
                                .start()
                                .waitFor())
                        .isZero();
                assertThat(afterBeats(told)).matches("RELOADING=1\\|MONOTONIC_USEC=[0-9]+");
                assertThat(told.readLine()).startsWith("READY=1|STATUS=serving nbd");
                server.destroy();
                assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(server.exitValue()).isZero();
            } finally {
                server.destroyForcibly();
            }
        } finally {
            manager.destroyForcibly();
        }
    }

    @Test
    void aWatchdogIsThatOfThisProcessOrOfNone() {
        assertThat(ServiceManager.patience(Map.of(), 7)).isEmpty();
        assertThat(ServiceManager.patience(Map.of("WATCHDOG_USEC", "30000000"), 7))
                .contains(Duration.ofSeconds(30));
        assertThat(ServiceManager.patience(Map.of("WATCHDOG_USEC", "5", "WATCHDOG_PID", "7"), 7))
                .isPresent();
        assertThat(ServiceManager.patience(Map.of("WATCHDOG_USEC", "5", "WATCHDOG_PID", "8"), 7))
                .isEmpty();
        assertThat(ServiceManager.patience(Map.of("WATCHDOG_USEC", "soon"), 7)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"relative", "/nobody/listens/here"})
    void oneThatCannotBeToldKeepsNobodyFromBeingServed(String address) throws IOException, InterruptedException {
        Path disk = Files.write(directory.resolve("disk"), new byte[1 << 20]);
        ProcessBuilder serve =
                AppProcess.of("serve", "--unix", directory.resolve("socket").toString(), disk.toString());
        serve.environment().put("NOTIFY_SOCKET", address);
        Process server = serve.redirectErrorStream(true).start();
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(said.readLine()).startsWith("ready ");
            assertThat(said.readLine()).contains(" WARN  serve: the service manager is not told: NOTIFY_SOCKET");
            server.destroy();
            assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(server.exitValue()).isZero();
        } finally {
            server.destroyForcibly();
        }
    }

    @Test
    void anAbstractSocketIsOneToo() throws IOException {
        String address = "@dmio-" + ProcessHandle.current().pid();
        Process manager = manager(address);
        try (BufferedReader told =
                new BufferedReader(new InputStreamReader(manager.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(told.readLine()).isEqualTo("bound");
            ServiceManager.of(Map.of("NOTIFY_SOCKET", address)).orElseThrow().ready("well");
            assertThat(told.readLine()).isEqualTo("READY=1|STATUS=well");
        } finally {
            manager.destroyForcibly();
        }
    }

    @Test
    void thereIsNoneWithoutItsAddress() {
        assertThat(ServiceManager.of(Map.of())).isEmpty();
        assertThat(ServiceManager.of(Map.of("NOTIFY_SOCKET", ""))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"relative", "vsock:2:1234"})
    void anAddressOfAnotherKindIsRefused(String address) {
        assertThatThrownBy(() -> ServiceManager.of(Map.of("NOTIFY_SOCKET", address)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(address);
    }

    @Test
    void anAddressThatDoesNotFitIsRefusedAndOneWhereNobodyListensIsTold() {
        assertThatThrownBy(() -> ServiceManager.of(Map.of("NOTIFY_SOCKET", "/" + "a".repeat(107))))
                .isInstanceOf(IllegalArgumentException.class);
        ServiceManager longest = ServiceManager.of(Map.of("NOTIFY_SOCKET", "/" + "a".repeat(106)))
                .orElseThrow();
        assertThatThrownBy(longest::stopping).hasMessageContaining("nobody listens");
    }

    private static String afterBeats(BufferedReader told) throws IOException {
        String line = told.readLine();
        while (line.startsWith("WATCHDOG=1|")) {
            line = told.readLine();
        }
        return line;
    }

    /** A mirror, and the file that it is served by. */
    private Path mirror() throws IOException, InterruptedException {
        String legs = "legs = ['" + directory.resolve("a") + "', '" + directory.resolve("b") + "']\n";
        Path config = Files.writeString(directory.resolve("m.toml"), legs);
        assertThat(AppProcess.of("mirror", "create", "--size", "1M", "--config", config.toString())
                        .start()
                        .waitFor())
                .isZero();
        return config;
    }

    private static Process manager(String address) throws IOException {
        assumeTrue(Files.isExecutable(Path.of(PYTHON)), PYTHON + " is not installed");
        return new ProcessBuilder(PYTHON, "-c", LISTEN, address)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
