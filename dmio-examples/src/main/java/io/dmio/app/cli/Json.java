package io.dmio.app.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * JSON (RFC 8259) to and from maps with string keys, lists, strings, longs, doubles and booleans. It is written on one line, in ASCII;
 * {@link JsonReader} reads it.
 */
public final class Json {

    private static final int DEPTH_MAX = 64;

    static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).build())
            .build();

    private Json() {}

    /**
     * Writes a value.
     *
     * @param value of the types above, or any iterable or integer, nested at will
     * @return its JSON
     * @throws IllegalArgumentException for another type, and for numbers JSON does not have
     */
    public static String of(Object value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            add(value, json);
        } catch (IOException unexpected) {
            throw new UncheckedIOException(unexpected);
        }
        return text.toString();
    }

    private static void add(Object value, JsonGenerator json) throws IOException {
        if (value instanceof Map<?, ?> map) {
            json.writeStartObject();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                json.writeFieldName((String) entry.getKey());
                add(entry.getValue(), json);
            }
            json.writeEndObject();
        } else if (value instanceof Iterable<?> items) {
            json.writeStartArray();
            for (Object item : items) {
                add(item, json);
            }
            json.writeEndArray();
        } else if (value instanceof CharSequence string) {
            json.writeString(string.toString());
        } else if (value instanceof Boolean is) {
            json.writeBoolean(is);
        } else if (value instanceof Integer || value instanceof Long) {
            json.writeNumber(((Number) value).longValue());
        } else if (value instanceof Double number && Double.isFinite(number)) {
            json.writeNumber(number);
        } else {
            throw new IllegalArgumentException("not JSON: " + value);
        }
    }
}
