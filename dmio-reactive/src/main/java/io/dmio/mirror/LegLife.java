package io.dmio.mirror;

/**
 * The life of a leg while the mirror runs, as a table and nothing else. Code that wants a change sends the leg an event
 * ({@link Leg#happens}). A pair of state and event that is not in the table is a bug of ours.
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
 * Up to ENTERING nobody depends on a leg, so it can always be dropped. Only a leg that is IN_SYNC may stand in for others.
 */
enum LegLife {
    /** Gets nothing. */
    OUT,
    /** Is asked whether it is there, and who it is. */
    PROBING,
    /**
     * Is known, and gets its owner's mark. Until it has the mark, nothing else is written to it, as another owner may
     * have it. Then it is asked once more who it is, as another owner may have had it meanwhile.
     */
    CLAIMING,
    /** Is its owner's, and gets the bitmap. */
    JOINING,
    /** Gets every write. It is being recorded that it takes part: on all others first, on itself last. */
    ENTERING,
    /** Is on record as taking part. It lacks something, or it is not durable yet that it lacks nothing. */
    SYNCING,
    /** Has everything, durably. */
    IN_SYNC;

    /** What changes a leg's life. */
    enum Event {
        /** It is being asked. */
        ASKED,
        /** It did not answer, or is another leg. */
        SILENT,
        /** It is this leg, and is to come in. */
        KNOWN,
        /** It has its owner's mark, and is still the leg it said it was. */
        MARKED,
        /** The others have durably noted what it lacks, and it has the bitmap. */
        NOTED,
        /** All legs have on record that it takes part. */
        RECORDED,
        /** It lacks nothing, durably. */
        WHOLE,
        /** It lacks something after all. */
        SPOILT,
        /** It failed, was too slow, or is taken out. */
        DROPPED
    }

    /** Returns the state after an event. */
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
