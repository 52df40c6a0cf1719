package io.dmio.copy;

/**
 * A share of time, as dm_kcopyd_throttle: work makes a debt of rest in proportion, and when the debt is worth a period, all rest until it is
 * paid. At 25 percent, 50 ms of work are followed by 150 ms of rest. Work that is in flight when a rest begins runs to its end and is rested
 * for. Idle time saves up nothing. Knows no clock; guarded by its owner.
 */
final class TimeShare {

    static final int PERCENT_ALL = 100;

    private static final long PERIOD_NANOS = 200_000_000;

    private int percent = PERCENT_ALL;
    private int running;
    private double debtNanos;
    private boolean resting;

    void limit(int share) {
        percent = share;
        decideRest();
    }

    void elapse(long nanos) {
        if (running > 0) {
            debtNanos += (double) nanos * (PERCENT_ALL - percent) / percent;
        } else {
            debtNanos = Math.max(0, debtNanos - nanos);
        }
        decideRest();
    }

    private void decideRest() {
        double debtMax = (double) PERIOD_NANOS * (PERCENT_ALL - percent) / PERCENT_ALL;
        debtNanos = percent == PERCENT_ALL ? 0 : debtNanos;
        resting = debtNanos > 0 && (resting || debtNanos >= debtMax);
    }

    void begin() {
        running++;
    }

    /** Returns whether the rest, if there is one, begins now. */
    boolean end() {
        return --running == 0;
    }

    /** Returns the nanoseconds until work may begin; {@code Long.MAX_VALUE} while that is not known, because some work still runs. */
    long nanosUntilFree() {
        if (!resting) {
            return 0;
        }
        return running > 0 ? Long.MAX_VALUE : (long) Math.ceil(debtNanos);
    }
}
