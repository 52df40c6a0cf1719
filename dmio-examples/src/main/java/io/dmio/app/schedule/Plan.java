package io.dmio.app.schedule;

import java.time.LocalTime;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;

/**
 * A plan of what is to be done when.
 *
 * @param scrubAt when the legs are compared; never if empty
 * @param repair whether they are made equal then
 * @param windows the parts of a day in which another rate holds; none overlap
 * @param rate the rate that holds otherwise, in bytes per second
 */
public record Plan(Optional<WeeklyTime> scrubAt, boolean repair, List<RateWindow> windows, long rate) {

    /** Checks that no two windows overlap. */
    public Plan {
        windows = List.copyOf(windows);
        for (int i = 0; i < windows.size(); i++) {
            for (RateWindow later : windows.subList(i + 1, windows.size())) {
                if (windows.get(i).overlaps(later)) {
                    throw new IllegalArgumentException("--rate-at " + later + ": overlaps " + windows.get(i)
                            + ", so it is not clear which rate holds");
                }
            }
        }
    }

    /** Returns the bytes per second at a time of the day. */
    public long rateAt(LocalTime time) {
        return windows.stream()
                .filter(window -> window.contains(time))
                .findFirst()
                .map(RateWindow::bytesPerSecond)
                .orElse(rate);
    }

    Optional<ZonedDateTime> scrubAfter(ZonedDateTime moment) {
        return scrubAt.map(at -> at.next(moment));
    }
}
