package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether writes that were answered may be lost though a user's flush went well, so that it fails all the same. Owned by the mailbox.
 *
 * <p>They may if the only leg that had them failed a flush and stays. A device tells of that once, to whatever flush came first, which may
 * have been the mirror's own or another user's; so a user's flush fails if it began before a user was told of all such losses, as Linux tells
 * each one who has a file open. They may, too, while fewer legs have them than the mirror asks for: the others may start by themselves.
 */
final class LostWrites {

    private final Supplier<@Nullable String> refusal;
    private final String mirror;
    private int losses;
    private int told; // of them, to a user
    private @Nullable DeviceException last;

    /**
     * None yet.
     *
     * @param refusal why there are too few legs; null while there are enough
     * @param mirror its name, for what users are told
     */
    LostWrites(Supplier<@Nullable String> refusal, String mirror) {
        this.refusal = refusal;
        this.mirror = mirror;
    }

    /** A flush failed, and no other leg has what it was for. */
    void happened(DeviceException why) {
        losses++;
        last = why;
    }

    /** What was lost last may have been a write, too, that is answered only now. */
    void happenedToMore() {
        losses++;
    }

    /** A user's flush begins; gets its end, and tells what is true. */
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
