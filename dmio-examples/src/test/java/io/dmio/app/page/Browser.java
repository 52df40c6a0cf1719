package io.dmio.app.page;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.app.cli.Json;
import io.dmio.app.cli.JsonReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A Chromium without a screen, by the W3C WebDriver protocol. Tests that want one are skipped where there is none. */
public final class Browser implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Pattern PORT = Pattern.compile("started successfully on port (\\d+)");
    private static final String ELEMENT = "element-6066-11e4-a52e-4f735466cecf"; // as the protocol calls its key

    private final Process driver;
    private final URI session;
    private final HttpClient http = HttpClient.newHttpClient();

    private Browser(Process driver, URI drivers) {
        this.driver = driver;
        Map<String, Object> options = Map.of(
                "args",
                List.of(
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-dev-shm-usage",
                        "--disable-gpu",
                        "--hide-scrollbars"));
        Map<String, Object> wanted = Map.of(
                "capabilities",
                Map.of("alwaysMatch", Map.of("goog:chromeOptions", options, "acceptInsecureCerts", true)));
        Map<?, ?> made = object(ask("POST", drivers.resolve("/session"), wanted));
        this.session = drivers.resolve("/session/" + made.get("sessionId") + "/");
    }

    /** Starts one; skips the test if Debian's chromium-driver is not installed. */
    public static Browser start() {
        boolean there = Stream.of(String.valueOf(System.getenv("PATH")).split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "chromedriver")));
        assumeTrue(there, "no chromedriver: apt-get install chromium chromium-driver");
        try {
            Process driver = new ProcessBuilder("chromedriver", "--port=0")
                    .redirectErrorStream(true)
                    .start();
            return new Browser(driver, URI.create("http://127.0.0.1:" + port(driver)));
        } catch (IOException cannot) {
            throw new UncheckedIOException(cannot);
        }
    }

    private static String port(Process driver) throws IOException {
        BufferedReader said =
                new BufferedReader(new InputStreamReader(driver.getInputStream(), StandardCharsets.UTF_8));
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            Matcher port = PORT.matcher(line);
            if (port.find()) {
                return port.group(1);
            }
        }
        throw new IllegalStateException("chromedriver ended");
    }

    /** Goes there. */
    public void open(URI page) {
        ask("POST", session.resolve("url"), Map.of("url", page.toString()));
    }

    /** Runs the body of a function, and gives what it returns; null if that is nothing. */
    public @Nullable Object run(String script, Object... arguments) {
        return ask("POST", session.resolve("execute/sync"), Map.of("script", script, "args", List.of(arguments)));
    }

    /** The same for a script that calls its last argument when it is done. */
    public @Nullable Object runAsync(String script) {
        return ask("POST", session.resolve("execute/async"), Map.of("script", script, "args", List.of()));
    }

    /** The text of an element as people see it. */
    public String text(String selector) {
        return String.valueOf(run("return document.querySelector(arguments[0])?.innerText ?? ''", selector));
    }

    /** Looks until a script returns true. */
    public void await(String script, Object... arguments) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!Boolean.TRUE.equals(run(script, arguments))) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within " + PATIENCE + ": " + script + "\n" + text("body"));
            }
        }
    }

    /** Waits until an element has a text in it. */
    public void awaitText(String selector, String part) {
        await("return document.querySelector(arguments[0])?.innerText.includes(arguments[1]) === true", selector, part);
    }

    /** Clicks as a mouse does: what covers the element, or makes it unseen, is a failure. */
    public void click(String selector) {
        ask("POST", session.resolve("element/" + element(selector) + "/click"), Map.of());
    }

    /** Types into an element. */
    public void type(String selector, String text) {
        ask("POST", session.resolve("element/" + element(selector) + "/value"), Map.of("text", text));
    }

    private String element(String selector) {
        Map<?, ?> found =
                object(ask("POST", session.resolve("element"), Map.of("using", "css selector", "value", selector)));
        return String.valueOf(found.get(ELEMENT));
    }

    /** Presses a key wherever the focus is. */
    void press(String key) {
        Map<String, Object> down = Map.of("type", "keyDown", "value", key);
        Map<String, Object> up = Map.of("type", "keyUp", "value", key);
        ask(
                "POST",
                session.resolve("actions"),
                Map.of("actions", List.of(Map.of("type", "key", "id", "keys", "actions", List.of(down, up)))));
    }

    /** As large as the screen of something, bright or dark. */
    public void looks(int width, int height, boolean phone, boolean dark) {
        devtools(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", phone ? 2 : 1, "mobile", phone));
        devtools(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    }

    private void devtools(String command, Map<String, Object> parameters) {
        ask("POST", session.resolve("goog/cdp/execute"), Map.of("cmd", command, "params", parameters));
    }

    /** A picture of what is seen. */
    public void screenshot(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            String png = String.valueOf(ask("GET", session.resolve("screenshot"), Map.of()));
            Files.write(file, Base64.getDecoder().decode(png));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static Map<?, ?> object(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    private @Nullable Object ask(String method, URI what, Map<String, Object> body) {
        HttpRequest.BodyPublisher sent = method.equals("GET")
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(Json.of(body));
        try {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(what)
                            .method(method, sent)
                            .timeout(PATIENCE)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            Object value = JsonReader.object(answer.body()).get("value");
            if (answer.statusCode() >= 300) {
                throw new AssertionError(what + ": " + value);
            }
            return value;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException ended) {
            throw new IllegalStateException(ended);
        }
    }

    @Override
    public void close() {
        try {
            ask("DELETE", URI.create(session.toString().replaceAll("/$", "")), Map.of());
        } finally {
            driver.destroy();
        }
    }
}
