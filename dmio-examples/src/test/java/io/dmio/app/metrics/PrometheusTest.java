package io.dmio.app.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.app.CommandLineFixture;
import io.dmio.app.Main;
import io.dmio.app.RunningServer;
import io.dmio.device.MemoryDevice;
import io.dmio.nbd.NbdExport;
import io.dmio.nbd.NbdServer;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The real Prometheus on what is served, and on what is shipped for it. */
class PrometheusTest extends CommandLineFixture {

    private static final long SECTORS = (4 << 20) / 512;
    private static final Path SHIPPED = Path.of("src/main/dist");
    private static final Path RULES = SHIPPED.resolve("prometheus/dmio.rules.yml");
    private static final Path RULES_TEST = Path.of("src/test/resources/prometheus/dmio.rules.test.yml");
    private static final Path BOARD = SHIPPED.resolve("grafana/dmio.json");

    @Test
    void theTextIsAsPrometheusLintsIt() throws IOException, InterruptedException {
        assumeThere("promtool");
        try (RunningServer server = mirror()) {
            Path scrape = Files.writeString(
                    dir.resolve("scrape"), ours(server.get("/metrics").body()));
            assertThat(run(scrape.toFile(), "promtool", "check", "metrics")).isEmpty();
        }
    }

    // What the JVM's own meters are called is Micrometer's business.
    private static String ours(String scrape) {
        return scrape.lines()
                .filter(line -> line.startsWith("dmio_") || line.matches("# (HELP|TYPE) dmio_.*"))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    @Test
    void theRealPrometheusHasSomethingForEachPanelOfTheDashboard() throws Exception {
        assumeThere("prometheus");
        file("bytes", 4 << 20);
        NbdServer elsewhere = Objects.requireNonNull(NbdServer.builder()
                .bind(dir.resolve("elsewhere"))
                .export(NbdExport.of("", MemoryDevice.of("elsewhere", 2 * SECTORS)))
                .start()
                .block());
        String remote = "nbd+unix:///?socket=" + path("elsewhere");
        good("mirror", "create", "--size", "4M", path("a"), path("b"), remote);
        int port = freePort();
        try (RunningServer server = RunningServer.ofMirror(dir, path("a"), path("b"), remote)) {
            Process prometheus = prometheus(port, URI.create(server.said("metrics")));
            try {
                server.await(() -> query(port, "dmio_mirror_insync").contains("\"1\"]"));
                assertThat(query(port, "up{job=\"dmio\"}")).contains("\"1\"]");
                assertThat(query(port, "count(dmio_mirror_leg_state{state=\"in_sync\"} == 1)"))
                        .contains("\"3\"]");
                Files.delete(dir.resolve("b")); // so that there are errors to show
                good("mirror", "scrub", "--run-dir", path("run"), "--detach", "--rate", "16K");
                for (String expression : asked()) {
                    server.await(() -> {
                        good("copy", path("bytes"), "nbd+unix:///?socket=" + path("socket"));
                        return query(port, expression).contains("\"value\":[");
                    });
                }
            } finally {
                prometheus.destroy();
                prometheus.waitFor();
            }
        } finally {
            elsewhere.close().block();
        }
    }

    /** What the dashboard asks, of all servers and mirrors. */
    private static Set<String> asked() throws IOException {
        Set<String> all = names("\"expr\": \"((?:\\\\.|[^\"\\\\])*)\"", Files.readString(BOARD));
        assertThat(all).hasSizeGreaterThan(15);
        return all.stream()
                .map(asked -> asked.replace("\\\"", "\"")
                        .replaceAll("\\$(instance|mirror)", ".*")
                        .replace("$__rate_interval", "5m"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Process prometheus(int port, URI metrics) throws IOException {
        Path config = Files.writeString(
                dir.resolve("prometheus.yml"),
                "global: {scrape_interval: 1s}\nrule_files: ['" + RULES.toAbsolutePath()
                        + "']\nscrape_configs:\n  - job_name: dmio\n    static_configs: [{targets: ['"
                        + metrics.getAuthority() + "']}]\n");
        return new ProcessBuilder(
                        "prometheus",
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + dir.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("prometheus.log").toFile())
                .start();
    }

    private void good(String... words) {
        assertThat(Main.run(words, new ByteArrayInputStream(in), out, err))
                .as(err())
                .isZero();
    }

    @Test
    void theAlertsAreRulesAndAlarmWhenTheyShould() throws IOException, InterruptedException {
        assumeThere("promtool");
        run(null, "promtool", "check", "rules", RULES.toString());
        Files.copy(RULES, dir.resolve("dmio.rules.yml"));
        Path test = Files.copy(RULES_TEST, dir.resolve("dmio.rules.test.yml"));
        run(null, "promtool", "test", "rules", test.toString());
    }

    @Test
    void eachAlertIsTried() throws IOException {
        String tries = Files.readString(RULES_TEST);
        assertThat(names("(?m)- alert: (\\w+)$", Files.readString(RULES)))
                .isNotEmpty()
                .allMatch(alert -> Pattern.compile("alertname: " + alert + "\n        exp_alerts:")
                        .matcher(tries)
                        .find());
    }

    @Test
    void alertsAndTheDashboardAskForMetersThatThereAre() throws IOException {
        Set<String> there =
                names("(?m)^\\| `[a-z.]+` \\| `([a-z_]+)`", Files.readString(Path.of("../docs/metrics.md")));
        for (Path asking : new Path[] {RULES, BOARD}) {
            Set<String> asked = names("\\b(dmio_[a-z_]+)[{\\[ )]", Files.readString(asking)).stream()
                    .map(name -> name.replaceAll("_(bucket|count|sum)$", ""))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(asked).as(asking.toString()).hasSizeGreaterThan(5);
            assertThat(there).as(asking.toString()).containsAll(asked);
        }
    }

    @Test
    void theDashboardIsJson() throws IOException, InterruptedException {
        assumeThere("python3");
        run(BOARD.toFile(), "python3", "-m", "json.tool", "--compact");
    }

    private RunningServer mirror() {
        assertThat(dmio("mirror", "create", "--size", "4M", "a", "b")).as(err()).isZero();
        return RunningServer.start("mirror", "serve", "--unix", path("socket"), "--metrics", "0", path("a"), path("b"));
    }

    private static Set<String> names(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String query(int port, String expression) {
        URI uri = URI.create("http://127.0.0.1:" + port + "/api/v1/query?query="
                + URLEncoder.encode(expression, StandardCharsets.UTF_8));
        try {
            return HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException notYet) {
            return "";
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket any = new ServerSocket(0)) {
            return any.getLocalPort();
        }
    }

    private static void assumeThere(String program) {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin", program)),
                program + " is not installed: see .ci/run for the package");
    }

    /** What it prints; it has to succeed. */
    private static String run(@Nullable File in, String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Process process =
                builder.redirectInput(in == null ? new File("/dev/null") : in).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }
}
