package io.dmio.mirror;

import io.dmio.DeviceException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Whether writes that were answered may be lost, as the only leg that had them failed a flush and stays. A device tells of that once, to
 * whatever flush came first, which may have been the mirror's own or another user's; so a user's flush fails if it began before a user
 * was told of all such losses, as Linux tells each one who has a file open. Owned by the mailbox.
 */
final class LostWrites {

    private int losses;
    private int told; // of them, to a user
    private @Nullable DeviceException last;

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
            user.accept(end);
        };
    }
}
