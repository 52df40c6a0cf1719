package io.dmio;

/** What a device can do beyond reading and, unless {@link #READ_ONLY}, writing. */
public enum Capability {
    /** {@link BlockOp.Flush} makes every write answered before it durable. */
    FLUSH,
    /** A {@link BlockOp.Write} with {@code fua} is durable when it is answered. */
    FUA,
    /** {@link BlockOp.Discard} frees space. */
    DISCARD,
    /** The range of a {@link BlockOp.Discard} reads as zeroes afterwards, for example because it is a hole in a file then. */
    DISCARD_ZEROES,
    /** {@link BlockOp.WriteZeroes} works without sending zeroes. */
    WRITE_ZEROES,
    /** Only {@link BlockOp.Read} and {@link BlockOp.Flush} are accepted. */
    READ_ONLY
}
