package io.dmio.mirror;

/**
 * How far an owner has a mirror's legs, as a table with times and nothing else. The code that reads and writes marks
 * tells it what happened; the code that wants to act asks it. Times are of one clock, the owner's own, in nanoseconds.
 *
 * <pre>
 *              beaten               confirmed
 *     TAKING ─────────▶ PROVING ───────────────▶ HOLDING ──── closed ────▶ CLOSED
 *                        ▲   │ beaten              │   │ beaten in time
 *                        └───┴──── beaten late ────┘   └────▶ HOLDING        any ──── seesOther ────▶ LOST
 * </pre>
 *
 * A <i>beat</i> reads the marks of all legs and writes the next one. The marks it reads have to be this owner's, or nobody's while it is TAKING.
 * Five rules ensure that no two owners act at once, however long either is held up between any two steps:
 *
 * <ol>
 *   <li>An owner acts until an interval before another, who waits to see whether its mark moves, could be through with waiting. That is counted
 *   from when the owner began to look, as its mark may have been written over the mark of one who came since then.
 *   <li>A beat that ends later than that proves nothing, as another may have waited meanwhile. The owner begins anew with PROVING.
 *   <li>An owner that wrote a first mark has to find it in place later. All who could have overwritten it had looked
 *   before it was there, and are through after {@link OwnerTerms#settleNanos} if they were quick from look to mark.
 *   <li>An owner that was not quick may have overwritten the mark of one that acts already. That one sees it with its
 *   next beat, or does not act any more after the time that others wait.
 *   <li>The same goes for an owner that writes its mark anew while PROVING, so it waits as long again. It need not if it looked later after its
 *   last mark, and wrote sooner after that look, than {@link OwnerTerms#beatNanosMax}: another's beat that began before that mark and ends after
 *   that look takes longer, and a beat that takes so long counts for nothing.
 * </ol>
 *
 * @param terms what the owner promises
 * @param state how far the owner is
 * @param expiryNanos until when the owner may act
 * @param provenNanos while PROVING: a mark that is in place after that stays there
 * @param markedNanos when the owner's last mark was durable
 */
record Tenure(OwnerTerms terms, State state, long expiryNanos, long provenNanos, long markedNanos) {

    /** How far an owner is. */
    enum State {
        /** Nobody else is there, and no mark is written. */
        TAKING,
        /** A mark is written, and another owner's may still overwrite it. */
        PROVING,
        /** The legs are this owner's. */
        HOLDING,
        /** The legs are another owner's. */
        LOST,
        /** The owner has gone in good order. */
        CLOSED
    }

    /** Returns the tenure of an owner that has found nobody else there. */
    static Tenure taking(OwnerTerms terms) {
        return new Tenure(terms, State.TAKING, 0, 0, 0);
    }

    /**
     * Returns the tenure after a beat: the marks were read as they had to be, and the next one is durable.
     *
     * @param read when the reading began
     * @param answered when the next mark was durable
     */
    Tenure beaten(long read, long answered) {
        boolean counts = answered - read <= terms.beatNanosMax();
        return switch (state) {
            case TAKING -> proving(read, answered);
            case PROVING -> {
                boolean alone = counts && read - markedNanos > terms.beatNanosMax();
                boolean moved =
                        answered - expiryNanos < terms.intervalNanos(); // before any who waited for that was through
                long proven = alone && moved ? provenNanos : later(provenNanos, answered + terms.watchNanos());
                yield new Tenure(terms, State.PROVING, read + terms.leaseNanos(), proven, answered);
            }
            case HOLDING ->
                counts && answered - expiryNanos < 0
                        ? new Tenure(terms, State.HOLDING, read + terms.leaseNanos(), provenNanos, answered)
                        : proving(read, answered);
            case LOST, CLOSED -> impossible("beaten");
        };
    }

    private Tenure proving(long read, long answered) {
        boolean quick = answered - read <= terms.quickNanos();
        long proven = answered + (quick ? terms.settleNanos() : terms.watchNanos());
        return new Tenure(terms, State.PROVING, read + terms.leaseNanos(), proven, answered);
    }

    /**
     * Returns the tenure after a look that found all marks to be its own.
     *
     * @param read when the reading began
     */
    Tenure confirmed(long read) {
        return switch (state) {
            case PROVING ->
                read - provenNanos < 0 ? this : new Tenure(terms, State.HOLDING, expiryNanos, provenNanos, markedNanos);
            case TAKING, HOLDING -> this;
            case LOST, CLOSED -> impossible("confirmed");
        };
    }

    /** Whether a beat made the owner prove anew what it had proven, or was about to have proven. */
    boolean hasToProveMoreThan(Tenure before) {
        return before.state != State.TAKING && provenNanos - before.provenNanos > 0;
    }

    /** Returns the same tenure, but proven no earlier than the given time. */
    Tenure notBefore(long nanos) {
        return new Tenure(terms, state, expiryNanos, later(provenNanos, nanos), markedNanos);
    }

    /**
     * Returns how long to wait until the next beat: the usual time from beat to beat, or, while PROVING, until the mark is proven. If the mark
     * would not let its owner act any more by then, it has to be written anew before, as soon as that may be.
     */
    long pauseNanos(long now) {
        if (state != State.PROVING) {
            return terms.beatNanos();
        }
        boolean lasts = provenNanos + terms.leaseNanos() / 4 - expiryNanos < 0; // with time left for a beat then
        return (lasts ? provenNanos : markedNanos + terms.beatNanosMax() + 1) - now;
    }

    /**
     * Whether a mark stands that has to be left alone.
     *
     * @param read when the reading began
     */
    boolean isSettling(long read) {
        return state == State.PROVING && pauseNanos(read) > 0;
    }

    /** Returns the tenure after another's mark was found where its own had to be. */
    Tenure seesOther() {
        return new Tenure(terms, State.LOST, expiryNanos, provenNanos, markedNanos);
    }

    /** Returns the tenure after its last mark, which says that it is closed, was written. */
    Tenure closed() {
        return new Tenure(terms, State.CLOSED, expiryNanos, provenNanos, markedNanos);
    }

    /**
     * Whether a beat came so late that another may have had the legs between its look and its mark, and that the
     * other's mark was overwritten. An owner that goes on with what it remembers from before has to give up then.
     *
     * @param read when the reading began
     * @param now when the mark is written, or about to be
     */
    boolean isTooLate(long read, long now) {
        return now - expiryNanos >= 0 && now - read > terms.quickNanos();
    }

    /** Whether it may write to the legs, and tell anybody that something is done, at this moment. */
    boolean mayAct(long now) {
        return state == State.HOLDING && now - expiryNanos < 0;
    }

    private static long later(long one, long other) {
        return one - other < 0 ? other : one;
    }

    private Tenure impossible(String event) {
        throw new IllegalStateException("an owner that is " + state + " cannot be " + event);
    }
}
