package io.dmio.app.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.control.Route;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** The page where other machines can come: encrypted, and by the names of its certificate only. */
class PageTlsTest {

    private static final Token TOKEN = new Token("a-token-that-nobody-guesses-01");

    @TempDir
    private Path dir;

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return said;
    }

    private PageTls tls() throws IOException, InterruptedException {
        Path certificate = dir.resolve("page.pem");
        Path key = dir.resolve("page.key");
        run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=store",
                "-addext",
                "subjectAltName=DNS:store.example,DNS:*.lan.example,IP:192.0.2.7",
                "-keyout",
                key.toString(),
                "-out",
                certificate.toString());
        return PageTls.of(certificate, key);
    }

    @Test
    void itAnswersByTheNamesOfItsCertificateOnly() throws IOException, InterruptedException {
        PageTls tls = tls();
        assertThat(tls.names()).containsExactlyInAnyOrder("store.example", "*.lan.example", "192.0.2.7");
        try (PageEndpoint page = new PageEndpoint(
                new InetSocketAddress(InetAddress.getByAddress(new byte[4]), 0), Optional.of(tls), TOKEN)) {
            page.shows(List.of(Route.get("/v1/status", call -> Mono.just(Map.of("well", true)))));
            String port = String.valueOf(page.uri().getPort());
            assertThat(page.uri().getScheme()).isEqualTo("https");
            for (String name : List.of("store.example", "a.lan.example", "192.0.2.7")) {
                assertThat(ask(name, port, TOKEN.text())).as(name).isEqualTo("200");
            }
            for (String name : List.of("127.0.0.1", "localhost", "a.b.lan.example", "lan.example", "evil.example")) {
                assertThat(ask(name, port, TOKEN.text())).as(name).isEqualTo("421");
            }
            assertThat(ask("store.example", port, "x")).isEqualTo("401");
            assertThat(run(
                            "curl",
                            "-s",
                            "-o",
                            dir.resolve("plain").toString(),
                            "-w",
                            "%{http_code}",
                            "http://127.0.0.1:" + port + "/"))
                    .as("without TLS")
                    .isIn("000", "400");
        }
    }

    private String ask(String host, String port, String token) throws IOException, InterruptedException {
        return run(
                "curl",
                "-sk",
                "-o",
                dir.resolve("answer").toString(),
                "-w",
                "%{http_code}",
                "-H",
                "Host: " + host + ":" + port,
                "-H",
                "Authorization: Bearer " + token,
                "https://127.0.0.1:" + port + "/v1/status");
    }
}
