package io.dmio.app.copy;

import io.dmio.app.copy.FailedRanges.Range;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a copy ended.
 *
 * @param bytes read from the source and offered to every leg
 * @param sha256 of those bytes, if it was asked for
 * @param legs in the order they were given, standard output last
 * @param elapsed from the first read to the last answer
 * @param stopped whether it was asked to end early
 * @param sourceFailure why the source ended early, if it failed
 * @param unread what of the source could not be read, and was left out
 */
public record CopyReport(
        long bytes,
        Optional<String> sha256,
        List<LegReport> legs,
        Duration elapsed,
        boolean stopped,
        Optional<String> sourceFailure,
        List<Range> unread) {

    public boolean good() {
        return !stopped
                && sourceFailure.isEmpty()
                && unread.isEmpty()
                && legs.stream().allMatch(LegReport::good);
    }

    double bytesPerSecond() {
        return bytes / Math.max(elapsed.toNanos() / 1e9, 1e-9);
    }

    public Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("bytes", bytes);
        sha256.ifPresent(sum -> json.put("sha256", sum));
        json.put("seconds", elapsed.toNanos() / 1e9);
        json.put("good", good());
        json.put("stopped", stopped);
        sourceFailure.ifPresent(why -> json.put("sourceFailure", why));
        json.put("unread", unread.stream().map(LegReport::toJson).toList());
        json.put("legs", legs.stream().map(LegReport::toJson).toList());
        return json;
    }
}
