package io.dmio.app.cli;

import java.util.Map;

/** Writes JSON: maps with string keys, iterables, strings, numbers and booleans, on one line, in ASCII. */
public final class Json {

    private final StringBuilder text = new StringBuilder();

    private Json() {}

    /**
     * Writes a value.
     *
     * @param value of the types above, nested at will
     * @return its JSON
     * @throws IllegalArgumentException for another type, and for numbers JSON does not have
     */
    public static String of(Object value) {
        Json json = new Json();
        json.add(value);
        return json.text.toString();
    }

    private void add(Object value) {
        if (value instanceof Map<?, ?> map) {
            addMap(map);
        } else if (value instanceof Iterable<?> items) {
            char before = '[';
            for (Object item : items) {
                text.append(before);
                add(item);
                before = ',';
            }
            text.append(before == '[' ? "[]" : "]");
        } else if (value instanceof CharSequence string) {
            addString(string);
        } else if (value instanceof Boolean || value instanceof Integer || value instanceof Long || isFinite(value)) {
            text.append(value);
        } else {
            throw new IllegalArgumentException("not JSON: " + value);
        }
    }

    private void addMap(Map<?, ?> map) {
        char before = '{';
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            text.append(before);
            addString((CharSequence) entry.getKey());
            text.append(':');
            add(entry.getValue());
            before = ',';
        }
        text.append(before == '{' ? "{}" : "}");
    }

    private static boolean isFinite(Object value) {
        return value instanceof Double number && Double.isFinite(number);
    }

    private void addString(CharSequence string) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c >= ' ' && c < 127) {
                        text.append(c);
                    } else {
                        text.append(String.format("\\u%04x", (int) c)); // surrogates one by one, as JSON wants them
                    }
                }
            }
        }
        text.append('"');
    }
}
