package io.dmio;

/** What a device can do beyond reading and, unless {@link #READ_ONLY}, writing. */
public enum Capability {
    /** {@link BlockOp.Flush} makes every write answered before it durable. */
    FLUSH,
    /** A {@link BlockOp.Write} with {@code fua} is durable when it is answered. */
    FUA,
    /** {@link BlockOp.Discard} gives space back. */
    DISCARD,
    /** What a {@link BlockOp.Discard} took reads as zeroes afterwards: a hole in a file, for one. */
    DISCARD_ZEROES,
    /** {@link BlockOp.WriteZeroes} without sending zeroes. */
    WRITE_ZEROES,
    /** Only {@link BlockOp.Read} and {@link BlockOp.Flush} are taken. */
    READ_ONLY
}
