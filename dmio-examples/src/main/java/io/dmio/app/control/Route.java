package io.dmio.app.control;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.reactivestreams.Publisher;

/**
 * Something that a server can be asked for.
 *
 * @param method GET or POST
 * @param path with names in braces, as in {@code /v1/legs/{leg}/remove}
 * @param form the form of the answer
 * @param answer gives objects; a failure is told as an error with a message for people
 */
public record Route(String method, String path, Form form, Function<Call, Publisher<Map<String, Object>>> answer) {

    /** The form of an answer. */
    public enum Form {
        /** One object. */
        OBJECT,
        /** A line for each object, until the work has ended. */
        LINES,
        /**
         * A server-sent event for each object, whose {@code id} is the event's, for clients that accept {@code text/event-stream}, else a
         * line.
         */
        EVENTS
    }

    /**
     * A call of a route.
     *
     * @param path what stands for the names in the path
     * @param after the {@code id} of the event that the client says it was told last; empty if it says nothing
     * @param body the JSON object that came with it; empty without one
     */
    public record Call(Map<String, String> path, String after, Map<String, Object> body) {

        /** Returns a text in the body. */
        public String text(String name, String otherwise) {
            Object value = body.getOrDefault(name, otherwise);
            if (value instanceof String text) {
                return text;
            }
            throw new IllegalArgumentException(name + ": a text is needed");
        }

        /** Returns a number in the body. */
        public long number(String name, long otherwise) {
            Object value = body.getOrDefault(name, otherwise);
            if (value instanceof Long number) {
                return number;
            }
            throw new IllegalArgumentException(name + ": a whole number is needed");
        }

        /** Returns yes or no in the body; no if nothing is said. */
        public boolean is(String name) {
            Object value = body.getOrDefault(name, false);
            if (value instanceof Boolean yes) {
                return yes;
            }
            throw new IllegalArgumentException(name + ": true or false is needed");
        }

        /** Returns a number in the path. */
        public int index(String name) {
            String given = path.getOrDefault(name, "");
            if (!given.matches("[0-9]{1,2}")) {
                throw new IllegalArgumentException("'" + given + "' is no number of a leg");
            }
            return Integer.parseInt(given);
        }

        /** Refuses names in the body that nobody would look at. */
        public Call only(String... names) {
            for (String name : body.keySet()) {
                if (!List.of(names).contains(name)) {
                    throw new IllegalArgumentException("nobody knows what '" + name + "' means here; use "
                            + (names.length == 0 ? "an empty body" : "one of " + String.join(", ", names)));
                }
            }
            return this;
        }
    }

    /** Returns a route that answers with one object. */
    public static Route get(String path, Function<Call, Publisher<Map<String, Object>>> answer) {
        return new Route("GET", path, Form.OBJECT, answer);
    }

    /** Returns a route that answers with a line for each object. */
    public static Route lines(String method, String path, Function<Call, Publisher<Map<String, Object>>> answer) {
        return new Route(method, path, Form.LINES, answer);
    }

    /** Returns a route that tells events as they happen. */
    public static Route events(String path, Function<Call, Publisher<Map<String, Object>>> answer) {
        return new Route("GET", path, Form.EVENTS, answer);
    }

    /** Returns a route that does something and answers with one object. */
    public static Route post(String path, Function<Call, Publisher<Map<String, Object>>> answer) {
        return new Route("POST", path, Form.OBJECT, answer);
    }
}
