package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.CommandLineFixture;
import io.dmio.app.RunningServer;
import io.dmio.app.cli.Json;
import io.dmio.app.cli.JsonReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The description of the control API is what a server that runs answers, by each path, method and member. */
class OpenApiTest extends CommandLineFixture {

    private static final String LINES = "application/x-ndjson";
    private static final String EVENTS = "text/event-stream";

    private final Map<String, Object> document = OpenApi.document();
    private final ApiSchema schema = new ApiSchema(document);
    private final HttpClient client = HttpClient.newHttpClient();
    private final Set<String> asked = new TreeSet<>();

    private RunningServer serve() throws IOException {
        assertThat(dmio("mirror", "create", "--size", "16M", "a", "b")).isZero();
        Files.writeString(dir.resolve("m.toml"), "legs = ['" + path("a") + "', '" + path("b") + "']\n");
        return RunningServer.ofMirror(dir, "--page", "0", "--config", path("m.toml"));
    }

    private HttpRequest.Builder request(RunningServer server, String path) {
        try {
            return HttpRequest.newBuilder(URI.create(server.said("page")).resolve(path))
                    .header(
                            "Authorization",
                            "Bearer "
                                    + Files.readString(Path.of(path("run/page.token")))
                                            .strip());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private Map<?, ?> operation(String method, String path) {
        String pattern = path.replaceAll("/[0-9]+", "/{leg}");
        asked.add(method + " " + pattern);
        Map<?, ?> found = ApiSchema.map(
                ApiSchema.map(ApiSchema.map(document, "paths"), pattern), method.toLowerCase(Locale.ROOT));
        assertThat(found).as("%s %s is described", method, pattern).isNotEmpty();
        return found;
    }

    /** Asks, and holds each line of the answer against the description. The last line. */
    private Map<String, Object> ask(RunningServer server, String method, String path, Map<String, Object> body)
            throws IOException, InterruptedException {
        HttpRequest.BodyPublisher sent = HttpRequest.BodyPublishers.ofString(method.equals("GET") ? "" : Json.of(body));
        HttpResponse<String> answer = client.send(
                request(server, path)
                        .method(method, sent)
                        .header("Content-Type", "application/json")
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        String type = answer.headers().firstValue("content-type").orElse("");
        Map<?, ?> described = ApiSchema.map(
                ApiSchema.map(
                        ApiSchema.map(ApiSchema.map(operation(method, path), "responses"), "" + answer.statusCode()),
                        "content"),
                type);
        assertThat(described)
                .as("%s %s gives %s %s", method, path, answer.statusCode(), type)
                .isNotEmpty();
        Map<String, Object> last = Map.of();
        for (String line : answer.body().lines().toList()) {
            last = JsonReader.object(line);
            assertThat(schema.wrong(ApiSchema.map(described, "schema"), last))
                    .as(line)
                    .isEmpty();
        }
        return last;
    }

    private Map<String, Object> get(RunningServer server, String path) throws IOException, InterruptedException {
        return ask(server, "GET", path, Map.of());
    }

    private Map<String, Object> post(RunningServer server, String path, Map<String, Object> body)
            throws IOException, InterruptedException {
        return ask(server, "POST", path, body);
    }

    @Test
    void everyPathMethodAndMemberIsAsTheDocumentSays() throws Exception {
        try (RunningServer server = serve()) {
            get(server, "/v1/status");
            get(server, "/v1/chunks");
            assertThat(get(server, "/v1/openapi.json")).isEqualTo(document);
            steer(server);
            post(server, "/v1/limit", Map.of("bytesPerSecond", 8 << 20));
            Map<String, Object> slow =
                    new LinkedHashMap<>(Map.of("repair", true, "from", 0, "bytesPerSecond", 8 << 20));
            slow.put("detach", true);
            assertThat(post(server, "/v1/scrub", slow)).containsEntry("detached", true);
            get(server, "/v1/status"); // while it runs
            post(server, "/v1/scrub/stop", Map.of());
            post(server, "/v1/limit", Map.of());
            differ();
            assertThat(post(server, "/v1/scrub", Map.of("bytesPerSecond", 32 << 20)))
                    .containsEntry("done", true);
            get(server, "/v1/status"); // with what it found
            post(server, "/v1/resync", Map.of());
            post(server, "/v1/limit", Map.of("bytesPerSecond", 8 << 20));
            assertThat(post(server, "/v1/legs", Map.of("device", path("c"), "force", false)))
                    .containsEntry("leg", 2L);
            get(server, "/v1/status"); // while it is copied
            post(server, "/v1/limit", Map.of());
            assertThat(post(server, "/v1/legs/1/replace", Map.of("device", path("d"), "bytesPerSecond", 16 << 20)))
                    .containsEntry("done", true);
            post(server, "/v1/resync", Map.of());
            assertThat(post(server, "/v1/legs/2/split", Map.of())).containsEntry("done", true);
            fails(server);
            assertThat(post(server, "/v1/legs/0/remove", Map.of())).containsEntry("done", true);
            assertThat(post(server, "/v1/legs/9/remove", Map.of())).containsKey("error");
            server.await(() -> steps(server) > 0);
            get(server, "/v1/history");
            firstEvents(server);
            link(server);
        }
        assertThat(asked).isEqualTo(described());
        assertThat(schema.unseen()).isEmpty();
    }

    /** And reads its file again, with a line that holds at once, and one that waits for the next start. */
    private void steer(RunningServer server) throws IOException, InterruptedException {
        post(server, "/v1/pause", Map.of());
        post(server, "/v1/resume", Map.of());
        Files.writeString(dir.resolve("m.toml"), "rate = '64M'\nread-only = true\n", StandardOpenOption.APPEND);
        assertThat(post(server, "/v1/reload", Map.of()))
                .containsEntry("applied", List.of("rate"))
                .hasEntrySatisfying(
                        "waiting", lines -> assertThat(lines).asString().contains("read-only"));
    }

    /** A sector of the second leg that nobody wrote. */
    private void differ() throws IOException {
        byte[] other = {1};
        try (var file = FileChannel.open(dir.resolve("b"), StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(other), 5 << 20);
        }
    }

    private long steps(RunningServer server) {
        try {
            return get(server, "/v1/history").get("steps") instanceof Long steps ? steps : 0;
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /** A leg is lost, which is an event that has a remedy. */
    private void fails(RunningServer server) throws Exception {
        Files.delete(dir.resolve("a"));
        server.await(() -> server.err().contains("is out: E"));
        assertThat(get(server, "/v1/status").toString()).contains("remedy");
    }

    private void firstEvents(RunningServer server) throws IOException, InterruptedException {
        Map<?, ?> content = ApiSchema.map(
                ApiSchema.map(ApiSchema.map(operation("GET", "/v1/events"), "responses"), "200"), "content");
        for (String type : List.of(EVENTS, LINES)) {
            HttpResponse<InputStream> answer = client.send(
                    request(server, "/v1/events").header("Accept", type).build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            assertThat(answer.headers().firstValue("content-type")).hasValue(type);
            try (var lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
                String line = lines.readLine();
                while (!line.contains("LEG_FAILED")) {
                    line = lines.readLine();
                }
                Map<String, Object> event = JsonReader.object(line.replaceFirst("^data: ", ""));
                assertThat(schema.wrong(ApiSchema.map(ApiSchema.map(content, type), "schema"), event))
                        .as(line)
                        .isEmpty();
            }
        }
    }

    private void link(RunningServer server) {
        operation("GET", "/v1/page");
        out.reset();
        assertThat(dmio("mirror", "page", "--json", "--run-dir", "run"))
                .as(err())
                .isZero();
        Map<String, Object> link = JsonReader.object(out());
        assertThat(schema.wrong(Map.of("$ref", "#/components/schemas/Link"), link))
                .isEmpty();
        assertThat(String.valueOf(link.get("link"))).startsWith(server.said("page") + "#token=");
    }

    private Set<String> described() {
        Set<String> all = new TreeSet<>();
        ApiSchema.map(document, "paths")
                .forEach((path, methods) -> ((Map<?, ?>) methods)
                        .keySet()
                        .forEach(method -> all.add(String.valueOf(method).toUpperCase(Locale.ROOT) + " " + path)));
        return all;
    }
}
