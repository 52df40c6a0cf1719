package io.dmio.mirror;

/**
 * A leg's life while the mirror runs, as a table without anything else. Whoever wants a change sends an event to the leg
 * ({@link Leg#happens}); a pair that cannot be is a bug of ours.
 *
 * <pre>
 *            ASKED             KNOWN              MARKED             NOTED              RECORDED            WHOLE
 *      OUT ─────────▶ PROBING ───────▶ CLAIMING ────────▶ JOINING ────────▶ ENTERING ──────────▶ SYNCING ───────▶ IN_SYNC
 *       ▲ ◀────────────  │ SILENT         │ gets its         │ gets the        │ gets every         │  ▲               │
 *       │                │                │ owner's mark     │ bitmap          │ write; others      │  └─── SPOILT ────┘
 *       │                │                │                  │                 │ record it          │                  │
 *       └────────────────┴────────────────┴──────────────────┴── DROPPED ──────┴────────────────────┴──────────────────┘
 * </pre>
 *
 * Up to ENTERING nobody depends on a leg, so it can always be dropped; only one that is IN_SYNC may stand in for others.
 */
enum LegLife {
    /** Gets nothing. */
    OUT,
    /** Is asked whether it is there, and who it is. */
    PROBING,
    /**
     * Is known, and gets its owner's mark. Until it has that nothing else is written to it, as another may own it; then it is asked once
     * more who it is, as another may have had it meanwhile.
     */
    CLAIMING,
    /** Is its owner's, and is brought the bitmap. */
    JOINING,
    /** Gets every write; that it takes part goes on record, with all others first and with itself last. */
    ENTERING,
    /** Takes part, on record, and lacks something, or it is not durable yet that it lacks nothing. */
    SYNCING,
    /** Has everything, durably. */
    IN_SYNC;

    /** What changes a leg's life. */
    enum Event {
        /** It is being asked. */
        ASKED,
        /** It did not answer, or is another one. */
        SILENT,
        /** It is this leg: it is to come in. */
        KNOWN,
        /** It has its owner's mark, and is still what it said it was. */
        MARKED,
        /** What it lacks is durable on the others, and it has the bitmap. */
        NOTED,
        /** That it takes part is on record with all. */
        RECORDED,
        /** It lacks nothing, durably. */
        WHOLE,
        /** It lacks something after all. */
        SPOILT,
        /** It failed, was too slow, or is taken out. */
        DROPPED
    }

    /** What it is after an event. */
    LegLife after(Event event) {
        if (event == Event.DROPPED) {
            return OUT;
        }
        return switch (this) {
            case OUT -> event == Event.ASKED ? PROBING : event == Event.KNOWN ? CLAIMING : impossible(event);
            case PROBING -> event == Event.KNOWN ? CLAIMING : event == Event.SILENT ? OUT : impossible(event);
            case CLAIMING -> event == Event.MARKED ? JOINING : impossible(event);
            case JOINING -> event == Event.NOTED ? ENTERING : impossible(event);
            case ENTERING ->
                switch (event) {
                    case RECORDED -> SYNCING;
                    case SPOILT -> ENTERING;
                    default -> impossible(event);
                };
            case SYNCING ->
                switch (event) {
                    case WHOLE -> IN_SYNC;
                    case SPOILT -> SYNCING;
                    default -> impossible(event);
                };
            case IN_SYNC ->
                switch (event) {
                    case WHOLE -> IN_SYNC;
                    case SPOILT -> SYNCING;
                    default -> impossible(event);
                };
        };
    }

    /** Whether it gets every write. */
    boolean takesPart() {
        return this == ENTERING || this == SYNCING || this == IN_SYNC;
    }

    /** Whether it gets its owner's mark. */
    boolean getsMark() {
        return this == CLAIMING || getsBitmap();
    }

    /** Whether it gets the bitmap. */
    boolean getsBitmap() {
        return this == JOINING || takesPart();
    }

    /** Whether it can be dropped whatever the others have: nobody depends on it yet. */
    boolean isNew() {
        return this == CLAIMING || this == JOINING || this == ENTERING;
    }

    private LegLife impossible(Event event) {
        throw new IllegalStateException("a leg that is " + this + " cannot be " + event);
    }
}
