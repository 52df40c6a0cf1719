package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Knows whether answered writes may be lost although a user's flush went well, so that this flush fails all the same. Owned by the mailbox.
 *
 * <p>Writes may be lost if the only leg that had them failed a flush and stays. A device tells of that once, to whatever flush came first, which
 * may have been the mirror's own or another user's. So a user's flush fails if it began before a user was told of all such losses, as Linux
 * tells each one who has a file open. Writes may also be lost while fewer legs have them than the mirror asks for: the others may start by
 * themselves.
 */
final class LostWrites {

    private final Supplier<@Nullable String> refusal;
    private final String mirror;
    private int losses;
    private int told; // how many of them a user was told of
    private @Nullable DeviceException last;

    /**
     * Creates it with no losses yet.
     *
     * @param refusal why there are too few legs; null while there are enough
     * @param mirror the mirror's name, for what users are told
     */
    LostWrites(Supplier<@Nullable String> refusal, String mirror) {
        this.refusal = refusal;
        this.mirror = mirror;
    }

    /** Notes that a flush failed and no other leg has what it was for. */
    void happened(DeviceException why) {
        losses++;
        last = why;
    }

    /** Notes that a write that is answered only now may be among what was lost last. */
    void happenedToMore() {
        losses++;
    }

    /** Begins a user's flush; returns a callback that takes its end and tells the user what is true. */
    Consumer<@Nullable DeviceException> tell(Consumer<@Nullable DeviceException> user) {
        int known = told;
        return problem -> {
            DeviceException lost = losses > known ? last : null;
            DeviceException end = problem != null ? problem : lost;
            told = end != null ? losses : told;
            user.accept(end != null ? end : tooFew());
        };
    }

    private @Nullable DeviceException tooFew() {
        String why = refusal.get();
        return why == null ? null : DeviceException.of(Errno.EIO, mirror, new BlockOp.Flush(), why);
    }
}
