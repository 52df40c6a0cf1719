package io.dmio.app.copy;

import io.dmio.app.copy.FailedRanges.Range;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The outcome of a copy for one leg.
 *
 * @param name its path
 * @param failed the sectors whose content is undefined now, ascending; empty for a leg that failed as a whole
 * @param cause the first failure, empty if there was none
 * @param sha256 the sum of what it holds, if it was read again
 */
record LegReport(String name, List<Range> failed, Optional<Cause> cause, Optional<String> sha256) {

    /**
     * Why a leg failed.
     *
     * @param errno the number's name
     * @param text for people
     */
    record Cause(String errno, String text) {}

    boolean good() {
        return cause.isEmpty();
    }

    long failedSectors() {
        return failed.stream().mapToLong(Range::count).sum();
    }

    /** Returns the failure for standard error: {@code b: failed with EIO (why); undefined: sectors [8, 16)}. */
    String failure() {
        Cause why = cause.orElseThrow();
        String where = failed.isEmpty() ? "" : "; undefined: " + FailedRanges.words(failed);
        return name + ": failed with " + why.errno() + " (" + why.text() + ")" + where;
    }

    Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", name);
        json.put("good", good());
        cause.ifPresent(why -> {
            json.put("errno", why.errno());
            json.put("cause", why.text());
        });
        json.put("failedSectors", failed.stream().map(LegReport::toJson).toList());
        sha256.ifPresent(sum -> json.put("sha256", sum));
        return json;
    }

    static Map<String, Object> toJson(Range range) {
        return Map.of("sector", range.sector(), "count", range.count());
    }
}
