package io.dmio.app.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads JSON (RFC 8259) into maps, lists, strings, longs, doubles and booleans, which is what {@link Json} writes. A null is left out
 * of the object or array that it is in.
 */
public final class JsonReader {

    private static final int DEPTH_MAX = 64;
    private static final Object NOTHING = new Object();

    private final String text;
    private int at;
    private int depth;

    private JsonReader(String text) {
        this.text = text;
    }

    /**
     * Reads an object.
     *
     * @param text one JSON object, and nothing else
     * @return its members, in their order
     * @throws IllegalArgumentException saying where it is none
     */
    public static Map<String, Object> object(String text) {
        JsonReader reader = new JsonReader(text);
        reader.blanks();
        Map<String, Object> object = reader.members();
        reader.blanks();
        if (reader.at < text.length()) {
            throw reader.wrong("the end");
        }
        return object;
    }

    private Map<String, Object> members() {
        Map<String, Object> members = new LinkedHashMap<>();
        expect('{');
        nested();
        for (boolean more = !skips('}'); more; more = isFollowed('}')) {
            blanks();
            String name = string();
            blanks();
            expect(':');
            Object value = value();
            if (value != NOTHING) {
                members.put(name, value);
            }
        }
        depth--;
        return members;
    }

    private List<Object> items() {
        List<Object> items = new ArrayList<>();
        expect('[');
        nested();
        for (boolean more = !skips(']'); more; more = isFollowed(']')) {
            Object value = value();
            if (value != NOTHING) {
                items.add(value);
            }
        }
        depth--;
        return items;
    }

    private Object value() {
        blanks();
        return switch (peek()) {
            case '{' -> members();
            case '[' -> items();
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", NOTHING);
            default -> number();
        };
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw wrong("a value");
        }
        at += word.length();
        return value;
    }

    private Object number() {
        int from = at;
        while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String number = text.substring(from, at);
        try {
            if (number.matches("-?(0|[1-9][0-9]*)")) {
                return Long.parseLong(number);
            }
            if (number.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")) {
                return Double.parseDouble(number);
            }
        } catch (NumberFormatException tooLarge) {
            return Double.parseDouble(number);
        }
        at = from;
        throw wrong("a value");
    }

    private String string() {
        expect('"');
        StringBuilder string = new StringBuilder();
        for (char c = next(); c != '"'; c = next()) {
            if (c < ' ') {
                at--;
                throw wrong("a string without control characters");
            }
            string.append(c == '\\' ? escaped() : c);
        }
        return string.toString();
    }

    private char escaped() {
        char c = next();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> (char) (hex() << 12 | hex() << 8 | hex() << 4 | hex());
            default -> throw wrong("an escape");
        };
    }

    private int hex() {
        int digit = Character.digit(next(), 16);
        if (digit < 0) {
            throw wrong("a hexadecimal digit");
        }
        return digit;
    }

    private boolean isFollowed(char end) {
        blanks();
        if (peek() == end) {
            at++;
            return false;
        }
        if (peek() != ',') {
            throw wrong("',' or '" + end + "'");
        }
        at++;
        return true;
    }

    private boolean skips(char end) {
        blanks();
        boolean is = peek() == end;
        at += is ? 1 : 0;
        return is;
    }

    private void expect(char c) {
        if (peek() != c) {
            throw wrong("'" + c + "'");
        }
        at++;
    }

    private void nested() {
        if (++depth > DEPTH_MAX) {
            throw wrong("an end of what is nested");
        }
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private char next() {
        if (at >= text.length()) {
            throw wrong("the rest");
        }
        return text.charAt(at++);
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private IllegalArgumentException wrong(String wanted) {
        return new IllegalArgumentException("no JSON: " + wanted + " is missing at character " + at);
    }
}
