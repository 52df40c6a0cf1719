package io.dmio.app.metrics;

import io.dmio.app.cli.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The health of a server at one moment.
 *
 * @param state the overall state
 * @param reasons why it is not better; none if all is well
 */
public record Health(State state, List<String> reasons) {

    /** The overall state of a server. */
    public enum State {
        /** It opens what it is to serve. */
        STARTING(503, true, false),
        /** All is as it should be. */
        READY(200, true, true),
        /** It serves everything that is asked, but somebody should look after it. 429 is what Consul takes for a warning. */
        DEGRADED(429, true, true),
        /** Some of what clients ask fails, or is refused. */
        UNREADY(503, true, false),
        /** It was asked to stop, and lets what is in flight run to its end. */
        STOPPING(503, true, false),
        /** Nothing is served any more, and a new start could help. */
        DEAD(503, false, false);

        private final int code;
        private final boolean live;
        private final boolean ready;

        State(int code, boolean live, boolean ready) {
            this.code = code;
            this.live = live;
            this.ready = ready;
        }

        /** Returns the HTTP status code by which programs tell the state from others. */
        int code() {
            return code;
        }

        /** Returns whether a restart would not help. */
        boolean live() {
            return live;
        }

        /** Returns whether clients may be sent here. */
        boolean ready() {
            return ready;
        }
    }

    /** Copies the list. */
    public Health {
        reasons = List.copyOf(reasons);
    }

    static Health of(State state, String... reasons) {
        return new Health(state, List.of(reasons));
    }

    /** Returns the state as a word, for people and programs. */
    public String word() {
        return state.name().toLowerCase(Locale.ROOT);
    }

    String json() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("status", word());
        all.put("live", state.live);
        all.put("ready", state.ready);
        all.put("reasons", reasons);
        return Json.of(all) + "\n";
    }
}
