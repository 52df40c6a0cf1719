package io.dmio.mirror;

/**
 * The rules that keep data safe, by name, so that a test can switch one off and show that the simulation notices. Nothing
 * else can: {@link MirrorOptions} has no public way to do so.
 */
enum Rule {
    /** A chunk's dirty bit is durable before its data is written. */
    MARK_BEFORE_WRITE,
    /** Legs are flushed before bits are cleared. */
    FLUSH_BEFORE_CLEAR,
    /** A leg's failure is durable on the others before the write that missed it is acknowledged. */
    RECORD_BEFORE_ANSWER,
    /** The others have on record that a leg comes in before the leg itself has. */
    RECORD_OTHERS_FIRST,
    /** A leg that comes back and is not as it left gets everything. */
    ASK_WHO_RETURNS,
    /** If a leg has not seen the newest batch, what it says of itself counts, and it is not chosen before one that has. */
    ASK_WHO_IS_BEHIND,
    /** A chunk is not read from a leg that lacks it. */
    NO_STALE_READ,
    /** It is durable that a leg lacks a chunk before a heal or a repair writes there. */
    NOTE_BEFORE_REPAIR,
    /** A leg on which a heal or a repair failed lacks the chunk. */
    SPOIL_WHAT_FAILED,
    /** If a leg fails a flush and stays, what it has not flushed counts as lost there. */
    DOUBT_WHAT_IS_UNFLUSHED,
    /** A user who asks for a flush is told of a loss that another flush met. */
    TELL_OF_EACH_LOSS,
    /** Where a leg cannot force a write, the flush that a forced write takes may lose earlier writes, as any other flush. */
    DOUBT_AFTER_FORCED_WRITES,
    /** A chunk that only one leg has, which failed a flush, is dirty until another leg has it. */
    DOUBT_THE_ONLY_LEG,
    /** What a killed process left in a cache is durable before anything is read. */
    FLUSH_AT_START,
    /** Overlapping writes wait for each other. */
    SERIAL_OVERLAPS,
    /** What a removed leg lacks is forgotten after it is durably removed. */
    FORGET_AFTER_RECORD,
    /** After a crash one leg is chosen for each dirty chunk, durably, before anything is answered. */
    CHOOSE_BEFORE_START,
    /** At a start, legs that do not have the newest of what is on record get it before anything newer goes to any leg. */
    CATCH_UP_FIRST,
    /** If one leg counts by an operator's word, it is on record that the others lack everything, on them first, before its bits are cleared. */
    RECORD_TRUST_FIRST,
    /** No mirror starts by the older record of a leg if what cannot be read of the leg may be a newer one. */
    READ_BOTH_SLOTS,
    /** A start looks whether another has the mirror open. */
    ASK_WHO_OWNS,
    /** Legs are written to, and operations answered, only while the mirror is known to be this owner's. */
    ACT_AS_OWNER_ONLY,
    /** Where legs that are out may start by themselves, new ones do not make a mirror writable in their place. */
    COUNT_WHO_IS_OUT,
    /** Where legs that are out may start by themselves, a start brings them in before anything is read. */
    BRING_IN_WHO_IS_OUT,
    /** A chunk that is marked ahead of a stream is noted as lacking on the legs that are out. */
    NOTE_WHO_LACKS_AHEAD
}
