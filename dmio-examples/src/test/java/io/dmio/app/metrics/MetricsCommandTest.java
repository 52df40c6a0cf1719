package io.dmio.app.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.CommandLineFixture;
import io.dmio.app.Main;
import io.dmio.app.RunningServer;
import io.dmio.app.cli.ExitCode;
import io.dmio.device.MemoryDevice;
import io.dmio.nbd.NbdExport;
import io.dmio.nbd.NbdServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What monitoring sees of a server, and that nothing is begun where it cannot. */
class MetricsCommandTest extends CommandLineFixture {

    private static final int BYTES = 4 << 20;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "x | 'x' is no port",
                "127.0.0.1:x | 'x' is no port",
                "127.0.0.1:65536 | '65536' is no port",
                "-1 | '-1' is no port",
                ":9464 | write HOST:PORT",
                "::1:9464 | write HOST:PORT",
                "nobody.invalid:9464 | no address is known of it",
                "192.0.2.1:9464 | cannot listen there"
            })
    void whatIsNoAddressOfThisMachineIsRefusedInOneLine(String address, String why) throws IOException {
        file("disk", BYTES);
        assertThat(run("serve", "--unix", path("socket"), "--metrics", address, path("disk")))
                .isOne();
        assertThat(err()).hasLineCount(1).contains("--metrics", address, why);
        assertThat(out()).isEmpty();
        assertThat(Path.of(path("socket"))).doesNotExist();
    }

    @Test
    void aPortThatIsTakenIsRefusedBeforeALegIsTouched() throws IOException {
        assertThat(run("mirror", "create", "--size", "4M", path("a"), path("b")))
                .as(err())
                .isZero();
        byte[] before = read("a");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(taken.getLocalPort());
            err.reset();
            assertThat(run("mirror", "serve", "--unix", path("socket"), "--metrics", port, path("a"), path("b")))
                    .isEqualTo(ExitCode.SOME_FAILED);
            assertThat(err()).hasLineCount(1).contains("--metrics 127.0.0.1:" + port, "cannot listen there");
        }
        assertThat(read("a")).isEqualTo(before); // no owner's mark, no generation
    }

    @Test
    void aServedFileIsReadyAndShowsWhatItsClientsAsk() throws IOException {
        byte[] bytes = file("disk", BYTES);
        try (RunningServer server =
                RunningServer.start("serve", "--unix", path("socket"), "--metrics", "0", path("disk"))) {
            assertThat(server.said("metrics")).startsWith("http://127.0.0.1:").endsWith("/metrics");
            assertThat(server.get("/health").statusCode()).isEqualTo(200);
            assertThat(server.get("/health").body())
                    .isEqualTo("{\"status\":\"ready\",\"live\":true,\"ready\":true,\"reasons\":[]}\n");
            assertThat(run("copy", "nbd+unix:///?socket=" + path("socket"), path("copy")))
                    .as(err())
                    .isZero();
            assertThat(read("copy")).isEqualTo(bytes);
            HttpResponse<String> scrape = server.get("/metrics");
            assertThat(scrape.headers().firstValue("content-type"))
                    .hasValue("text/plain; version=0.0.4; charset=utf-8");
            assertThat(value(scrape.body(), "dmio_nbd_server_bytes_total{export=\"\",request=\"read\"}"))
                    .isEqualTo(BYTES);
            assertThat(value(scrape.body(), "dmio_io_bytes_total{device=\"" + path("disk") + "\",kind=\"read\"}"))
                    .isEqualTo(BYTES);
            assertThat(scrape.body()).contains("dmio_nbd_server_requests_seconds_bucket{", "jvm_memory_used_bytes{");
            assertThat(server.get("/nothing").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void aMirrorThatLosesALegIsDegradedAndReadyAndWellOnceItIsBack() throws IOException {
        MemoryDevice remote = MemoryDevice.of("remote", 3 * BYTES / 512);
        NbdServer elsewhere = serve(remote);
        String leg = "nbd+unix:///leg?socket=" + path("remote");
        assertThat(run("mirror", "create", "--size", "4M", path("local"), leg))
                .as(err())
                .isZero();
        file("disk", BYTES);
        try (RunningServer server = RunningServer.start(
                "mirror", "serve", "--unix", path("socket"), "--metrics", "127.0.0.1:0", path("local"), leg)) {
            assertThat(server.get("/health").statusCode()).isEqualTo(200);
            assertThat(value(server.get("/metrics").body(), "dmio_nbd_client_connections{device=\"" + leg + "\"}"))
                    .isPositive();
            elsewhere.close().block(PATIENCE); // the other machine is gone
            assertThat(run("copy", path("disk"), "nbd+unix:///?socket=" + path("socket")))
                    .as(err())
                    .isZero();
            server.await(() -> server.get("/health").statusCode() == 429);
            assertThat(server.get("/health").body())
                    .startsWith("{\"status\":\"degraded\",\"live\":true,\"ready\":true,\"reasons\":[\"leg 1 (" + leg);
            assertThat(server.get("/health/ready").statusCode()).isEqualTo(200);
            assertThat(server.get("/health/live").statusCode()).isEqualTo(200);
            String scrape = server.get("/metrics").body();
            assertThat(scrape.lines())
                    .anyMatch(line -> line.startsWith("dmio_mirror_leg_state{")
                            && line.contains("leg=\"1\"")
                            && line.matches(".*state=\"(failed|set_aside)\".* 1\\.0"));
            assertThat(server.err()).contains(" WARN  mirror: leg 1 is out: ", "look at its disk");
            elsewhere = serve(remote);
            server.await(() -> server.get("/health").statusCode() == 200);
            assertThat(server.stop()).isZero();
        }
        elsewhere.close().block(PATIENCE);
        remote.close().block(PATIENCE);
    }

    private NbdServer serve(MemoryDevice remote) {
        return Objects.requireNonNull(NbdServer.builder()
                .bind(Path.of(path("remote")))
                .shutdownTimeout(Duration.ZERO)
                .export(NbdExport.of("leg", remote))
                .start()
                .block(PATIENCE));
    }

    @Test
    void theNamesInTheDocumentsAreThoseThatPrometheusGets() throws IOException {
        assertThat(run("mirror", "create", "--size", "4M", path("a"), path("b")))
                .as(err())
                .isZero();
        try (RunningServer server = RunningServer.start(
                "mirror", "serve", "--json", "--unix", path("socket"), "--metrics", "0", path("a"), path("b"))) {
            String uri = server.out().replaceAll("(?s).*\"metrics\":\"([^\"]*)\".*", "$1");
            assertThat(uri).startsWith("http://127.0.0.1:");
        }
        TreeSet<String> documented = Pattern.compile("(?m)^\\| `[a-z.]+` \\| `([a-z_]+)`")
                .matcher(Files.readString(Path.of("../docs/metrics.md")))
                .results()
                .map(row -> row.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(documented).hasSizeGreaterThan(30);
        try (RunningServer server = RunningServer.start(
                "mirror", "serve", "--unix", path("socket"), "--metrics", "0", path("a"), path("b"))) {
            TreeSet<String> scraped = Pattern.compile("(?m)^# HELP (dmio_\\w+) .+$")
                    .matcher(server.get("/metrics").body())
                    .results()
                    .map(line -> line.group(1))
                    .filter(name -> !name.endsWith("_max")) // of times, besides them
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(documented).containsAll(scraped);
            documented.removeIf(name -> name.matches("dmio_(copy|budget|nbd_client)_.*")); // nothing that has them runs
            assertThat(scraped).isEqualTo(documented);
        }
    }

    private int run(String... words) {
        return Main.run(words, new ByteArrayInputStream(in), out, err);
    }

    private static double value(String scrape, String series) {
        return scrape.lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError(series + " is not in\n" + scrape));
    }
}
