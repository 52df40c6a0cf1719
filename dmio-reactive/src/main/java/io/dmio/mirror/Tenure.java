package io.dmio.mirror;

/**
 * How far somebody owns a mirror's legs, as a table and times without anything else: whoever reads and writes marks tells it, and
 * whoever wants to act asks it. Times are of one clock of its own, in nanoseconds.
 *
 * <pre>
 *              beaten               confirmed
 *     TAKING ─────────▶ PROVING ───────────────▶ HOLDING ──── closed ────▶ CLOSED
 *                        ▲   │ beaten              │   │ beaten in time
 *                        └───┴──── beaten late ────┘   └────▶ HOLDING        any ──── seesOther ────▶ LOST
 * </pre>
 *
 * A <i>beat</i> reads the marks of all legs, which have to be this owner's, or nobody's while it is TAKING, and writes the next
 * one. Five rules make it that no two act at once, however long either is held up between any two steps:
 *
 * <ol>
 *   <li>An owner acts until an interval before another, who waits whether its mark moves, could be through with waiting: counted from
 *       when it began to look, as whoever came since then may have been written over by the mark.
 *   <li>A beat that ends later than that proves nothing: another may have waited meanwhile. The owner begins anew with PROVING.
 *   <li>Who wrote a first mark has to find it in place later. All who could have overwritten it had looked before, and are through
 *       after {@link OwnerTerms#settleNanos}, if they were quick from look to mark.
 *   <li>Who was not quick may have overwritten the mark of one who acts already; that one sees it with its next beat, or does
 *       not act any more after the time that others wait.
 *   <li>So may whoever writes its mark anew while PROVING, and waits as long again; but not if it looked later after its last mark,
 *       and wrote sooner after that, than {@link OwnerTerms#beatNanosMax}. Whose beat lies around such a look took longer than that,
 *       and a beat that took so long counts for nothing.
 * </ol>
 *
 * @param terms what it promises
 * @param state how far it is
 * @param expiryNanos until when it may act
 * @param provenNanos while PROVING: a mark that is in place after that stays there
 * @param markedNanos when its last mark was durable
 */
record Tenure(OwnerTerms terms, State state, long expiryNanos, long provenNanos, long markedNanos) {

    /** How far it is. */
    enum State {
        /** Nobody else is there, and no mark is written. */
        TAKING,
        /** A mark is written, and another one may come over it still. */
        PROVING,
        /** The legs are its own. */
        HOLDING,
        /** They are another's. */
        LOST,
        /** It has gone in good order. */
        CLOSED
    }

    /** Somebody who has found that nobody else is there. */
    static Tenure taking(OwnerTerms terms) {
        return new Tenure(terms, State.TAKING, 0, 0, 0);
    }

    /**
     * The marks were read as they had to be, and the next one is durable.
     *
     * @param read when the reading began
     * @param answered when it was durable
     */
    Tenure beaten(long read, long answered) {
        boolean counts = answered - read <= terms.beatNanosMax();
        return switch (state) {
            case TAKING -> proving(read, answered);
            case PROVING -> {
                boolean alone = counts && read - markedNanos > terms.beatNanosMax();
                boolean moved =
                        answered - expiryNanos < terms.intervalNanos(); // before who waited for that was through
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
     * All marks were found to be its own.
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

    /** Whether a beat made it begin anew with what it had proven, or was about to have. */
    boolean hasToProveMoreThan(Tenure before) {
        return before.state != State.TAKING && provenNanos - before.provenNanos > 0;
    }

    /** The same, but proven no earlier than that. */
    Tenure notBefore(long nanos) {
        return new Tenure(terms, state, expiryNanos, later(provenNanos, nanos), markedNanos);
    }

    /**
     * How long to wait until the next beat: as an owner beats, or, while PROVING, until the mark is proven. Where it would not let
     * its owner act any more by then, it has to be written anew before, as soon as that may be.
     */
    long pauseNanos(long now) {
        if (state != State.PROVING) {
            return terms.beatNanos();
        }
        boolean lasts = provenNanos + terms.leaseNanos() / 4 - expiryNanos < 0; // and long enough for a beat then
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

    /** Another's mark was found where its own had to be. */
    Tenure seesOther() {
        return new Tenure(terms, State.LOST, expiryNanos, provenNanos, markedNanos);
    }

    /** Its last mark, which says so, is written. */
    Tenure closed() {
        return new Tenure(terms, State.CLOSED, expiryNanos, provenNanos, markedNanos);
    }

    /**
     * Whether a beat came so late that another may have had the legs between its look and its mark, and has had it written over. Who
     * goes on with what it remembers from before has to give up then.
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
