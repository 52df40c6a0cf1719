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
 * @param form of the answer
 * @param answer gives objects; what fails is told as an error with a message for people
 */
public record Route(String method, String path, Form form, Function<Call, Publisher<Map<String, Object>>> answer) {

    /** What an answer is made of. */
    public enum Form {
        /** One object. */
        OBJECT,
        /** A line for each object, until the work has ended. */
        LINES,
        /**
         * A server-sent event for each object, whose {@code id} is the event's, for whoever accepts {@code text/event-stream}, else a
         * line.
         */
        EVENTS
    }

    /**
     * What is asked.
     *
     * @param path what stands for the names in the path
     * @param after the {@code id} of the event that was told last, as who asks says; empty if it says nothing
     * @param body the JSON object that came with it; empty without one
     */
    public record Call(Map<String, String> path, String after, Map<String, Object> body) {

        /** A text in the body. */
        public String text(String name, String otherwise) {
            Object value = body.getOrDefault(name, otherwise);
            if (value instanceof String text) {
                return text;
            }
            throw new IllegalArgumentException(name + ": a text is needed");
        }

        /** A number in the body. */
        public long number(String name, long otherwise) {
            Object value = body.getOrDefault(name, otherwise);
            if (value instanceof Long number) {
                return number;
            }
            throw new IllegalArgumentException(name + ": a whole number is needed");
        }

        /** Yes or no in the body; no if nothing is said. */
        public boolean is(String name) {
            Object value = body.getOrDefault(name, false);
            if (value instanceof Boolean yes) {
                return yes;
            }
            throw new IllegalArgumentException(name + ": true or false is needed");
        }

        /** A number in the path. */
        public int index(String name) {
            String given = path.getOrDefault(name, "");
            if (!given.matches("[0-9]{1,2}")) {
                throw new IllegalArgumentException("'" + given + "' is no number of a leg");
            }
            return Integer.parseInt(given);
        }

        /** Refuses what nobody would look at. */
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

    /** One object when it is asked for. */
    public static Route get(String path, Function<Call, Publisher<Map<String, Object>>> answer) {
        return new Route("GET", path, Form.OBJECT, answer);
    }

    /** A line for each object. */
    public static Route lines(String method, String path, Function<Call, Publisher<Map<String, Object>>> answer) {
        return new Route(method, path, Form.LINES, answer);
    }

    /** What happens, as it does. */
    public static Route events(String path, Function<Call, Publisher<Map<String, Object>>> answer) {
        return new Route("GET", path, Form.EVENTS, answer);
    }

    /** One object when something is done. */
    public static Route post(String path, Function<Call, Publisher<Map<String, Object>>> answer) {
        return new Route("POST", path, Form.OBJECT, answer);
    }
}
