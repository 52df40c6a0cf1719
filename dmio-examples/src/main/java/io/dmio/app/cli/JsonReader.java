package io.dmio.app.cli;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what {@link Json} writes. A null is left out of the object or array that it is in. */
public final class JsonReader {

    private static final Object NOTHING = new Object();

    private final JsonParser json;

    private JsonReader(JsonParser json) {
        this.json = json;
    }

    /**
     * Reads an object.
     *
     * @param text one JSON object, and nothing else
     * @return its members, in their order; integers as longs, or doubles beyond these
     * @throws IllegalArgumentException if it is not one; the message says in one line why, and where: line and column, from one
     */
    public static Map<String, Object> object(String text) {
        try (JsonParser json = Json.FACTORY.createParser(text)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw wrong("an object is expected", json.currentTokenLocation());
            }
            Map<String, Object> members = new JsonReader(json).members();
            if (json.nextToken() != null) {
                throw wrong("the object has ended already", json.currentTokenLocation());
            }
            return members;
        } catch (JsonProcessingException wrong) {
            throw wrong(reason(wrong), wrong.getLocation());
        } catch (IOException unexpected) {
            throw new UncheckedIOException(unexpected);
        }
    }

    private static String reason(JsonProcessingException wrong) {
        if (wrong instanceof JsonEOFException) {
            return "it ends too early";
        }
        return wrong instanceof StreamConstraintsException
                ? "it is nested too deep, or something in it is too long"
                : "what stands there does not belong there";
    }

    private static IllegalArgumentException wrong(String what, @Nullable JsonLocation where) {
        String at =
                where == null ? "" : " at line " + where.getLineNr() + ", column " + Math.max(1, where.getColumnNr());
        return new IllegalArgumentException("no JSON" + at + ": " + what);
    }

    private Map<String, Object> members() throws IOException {
        Map<String, Object> members = new LinkedHashMap<>();
        Set<String> names = new HashSet<>(); // also of those that are null
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            if (!names.add(name)) {
                throw wrong("\"" + OneLine.of(name) + "\" is there twice", json.currentTokenLocation());
            }
            json.nextToken();
            Object value = value();
            if (value != NOTHING) {
                members.put(name, value);
            }
        }
        return members;
    }

    private List<Object> items() throws IOException {
        List<Object> items = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            Object value = value();
            if (value != NOTHING) {
                items.add(value);
            }
        }
        return items;
    }

    private Object value() throws IOException {
        return switch (json.currentToken()) {
            case START_OBJECT -> members();
            case START_ARRAY -> items();
            case VALUE_NUMBER_INT ->
                json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                        ? (Object) json.getDoubleValue()
                        : json.getLongValue();
            case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> NOTHING;
            default -> json.getText();
        };
    }
}
