package io.dmio.mirror;

import io.dmio.mirror.MirrorEvent.Kind;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Limits events that may happen thousands of times in a row, as on a disk with many bad sectors, so that they do not drown all others. Ten of a
 * kind are told of each leg per minute, and the next one counts those that were not told. Owned by the mailbox.
 */
final class EventLimit {

    /** How many are told per minute. */
    static final int TOLD_MAX = 10;

    private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final Set<Kind> LIMITED = EnumSet.of(Kind.READ_ERROR, Kind.HEALED, Kind.MISMATCH);

    private final Map<Source, Minute> minutes = new HashMap<>();

    /** A kind of event that happens again and again, and the leg. */
    private record Source(Kind kind, int leg) {}

    /** The events since the first one that was told. */
    private static final class Minute {
        private final long startNanos;
        private int happened;

        Minute(long startNanos) {
            this.startNanos = startNanos;
        }
    }

    /**
     * Decides whether an event is to be told.
     *
     * @return how many were not told since the one before it that was; -1 if this one is not told either
     */
    int untold(Kind kind, int leg, long nanos) {
        if (!LIMITED.contains(kind)) {
            return 0;
        }
        Source source = new Source(kind, leg);
        Minute minute = minutes.get(source);
        if (minute != null && nanos - minute.startNanos < MINUTE_NANOS) {
            minute.happened++;
            return minute.happened > TOLD_MAX ? -1 : 0;
        }
        Minute next = new Minute(nanos);
        next.happened = 1;
        minutes.put(source, next);
        return minute == null ? 0 : Math.max(0, minute.happened - TOLD_MAX);
    }
}
