package io.dmio.mirror;

import java.time.Duration;
import java.util.Objects;
import reactor.core.publisher.Mono;

/**
 * The options for keeping a mirror from being open twice: its owner writes a mark to each leg, again and again, and a start
 * that finds a moving mark is refused. {@code docs/mirror.md} says what that can prevent, and what not.
 *
 * <p>A leg has to answer in time. Where a mark is read and written within 125 ms, a start waits for 250 ms; otherwise for the
 * interval times the patience. A start is refused with ETIMEDOUT where that takes longer than an interval, with a patience of 3
 * longer than half of one, and with one of 2 longer than a quarter.
 *
 * @param marks false for no marks at all: then somebody else has to make sure that nobody opens the mirror twice
 * @param interval how often a new mark is written, with a patience of 2 twice as often; the same for all who may open the
 *     mirror
 * @param patience how many intervals a start waits where it finds a mark that was not closed; an owner that could not renew its
 *     mark for one interval less does nothing until it has found it in place again
 * @param takeover whether to end the owner that the marks say has the mirror open; for somebody who knows that it is dead or
 *     cut off
 * @param stop completes when a start is not wanted any more, as by {@link #withStop}; by default it never does
 */
public record OwnerOptions(boolean marks, Duration interval, int patience, boolean takeover, Mono<Void> stop) {

    private static final Duration INTERVAL_MAX = Duration.ofMinutes(1);
    private static final OwnerOptions DEFAULTS = new OwnerOptions(true, Duration.ofSeconds(1), 10, false, Mono.never());

    /**
     * Makes options of a start that nothing stops.
     *
     * @param marks whether to write marks and look for those of others
     * @param interval as above
     * @param patience as above
     * @param takeover whether to end the owner that the marks name
     */
    public OwnerOptions(boolean marks, Duration interval, int patience, boolean takeover) {
        this(marks, interval, patience, takeover, Mono.never());
    }

    /** Checks that a first mark can settle while an owner may act: {@code interval * (patience - 1)} is at least a second. */
    public OwnerOptions {
        Objects.requireNonNull(interval, "interval");
        Objects.requireNonNull(stop, "stop");
        if (interval.isNegative() || interval.isZero() || interval.compareTo(INTERVAL_MAX) > 0) {
            throw new IllegalArgumentException(
                    "owner's interval " + interval + " is not between 0 and " + INTERVAL_MAX);
        }
        if (patience < OwnerTerms.PATIENCE_MIN || patience > OwnerTerms.PATIENCE_MAX) {
            throw new IllegalArgumentException("owner's patience " + patience + " is not between "
                    + OwnerTerms.PATIENCE_MIN + " and " + OwnerTerms.PATIENCE_MAX);
        }
        long lease = OwnerTerms.of(interval.toNanos(), patience).leaseNanos();
        if (lease < 4 * OwnerTerms.SETTLE_NANOS) {
            throw new IllegalArgumentException("an owner that may act for " + Duration.ofNanos(lease)
                    + " after a mark is too hasty: (patience - 1) * interval must be at least a second");
        }
    }

    /** {@return a mark each second, a patience of 10, no takeover} */
    public static OwnerOptions defaults() {
        return DEFAULTS;
    }

    /** {@return no marks} */
    public static OwnerOptions off() {
        return new OwnerOptions(false, DEFAULTS.interval, DEFAULTS.patience, false, DEFAULTS.stop);
    }

    /**
     * Returns these options with other times.
     *
     * @param interval more than zero, at most a minute
     * @param patience 2 to 1,000
     * @return a copy
     */
    public OwnerOptions withBeat(Duration interval, int patience) {
        return new OwnerOptions(marks, interval, patience, takeover, stop);
    }

    /**
     * Returns these options with a takeover of the mirror from the owner that its marks name. The start writes its own mark at
     * once, and waits for the interval times the patience; where nobody has the mirror, it does not wait. An owner that still
     * runs stops when it finds that mark, and one that is held up acts no more after that time until it has looked; what it
     * handed to a leg before may arrive later. If it writes its mark over the new one, because it had looked just before, the
     * start tries again; if that happens three times, the start is refused with EBUSY, as it is if a third owner comes meanwhile.
     *
     * @return a copy
     */
    public OwnerOptions withTakeover() {
        return new OwnerOptions(marks, interval, patience, true, stop);
    }

    /**
     * Returns these options with something that stops a start before it has the legs, above all while it waits to see whether another owner is
     * there. The start is refused with ECANCELED then. Nothing is changed, except that a takeover which has written its mark ends the old owner
     * all the same: the next start waits as after a crash. A start that has the legs goes on. A cancel stops a start in the same way, and closes
     * the legs.
     *
     * @param signal stops the start when it completes or errors; subscribed to several times
     * @return a copy
     */
    public OwnerOptions withStop(Mono<?> signal) {
        Objects.requireNonNull(signal, "signal");
        return new OwnerOptions(
                marks, interval, patience, takeover, signal.onErrorComplete().then());
    }

    OwnerTerms terms() {
        return OwnerTerms.of(interval.toNanos(), patience);
    }
}
