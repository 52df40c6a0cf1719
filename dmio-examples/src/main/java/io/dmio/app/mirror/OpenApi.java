package io.dmio.app.mirror;

import io.dmio.app.cli.JsonReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;

/** The description of the routes of a mirror's server (OpenAPI 3.1), for people and their tools. */
final class OpenApi {

    private static final String FILE = "openapi.json";

    private OpenApi() {}

    static Map<String, Object> document() {
        try (InputStream in = Objects.requireNonNull(OpenApi.class.getResourceAsStream(FILE), FILE)) {
            return JsonReader.object(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException broken) {
            throw new IllegalStateException(FILE, broken);
        }
    }
}
