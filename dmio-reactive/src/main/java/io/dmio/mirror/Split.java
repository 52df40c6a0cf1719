package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.RangeLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Finds the moment at which a leg may be split off: between writes, and flushed. Owned by the mailbox. */
final class Split {

    private final Mirror mirror;
    private final int index;
    private final Consumer<Leg> takeOut;
    private final Consumer<DeviceException> failed;
    private RangeLock.@Nullable Range everything;

    /**
     * @param index the leg's
     * @param takeOut called once, while nothing else happens to the mirror, if the leg has everything
     * @param failed called once instead
     */
    Split(Mirror mirror, int index, Consumer<Leg> takeOut, Consumer<DeviceException> failed) {
        this.mirror = mirror;
        this.index = index;
        this.takeOut = takeOut;
        this.failed = failed;
    }

    void start() {
        everything = mirror.locks().lock(0, mirror.sectorCount(), () -> new FlushRun(mirror, this::flushed).start());
    }

    private void flushed(@Nullable DeviceException problem) {
        Leg leg = mirror.roster().leg(index);
        if (problem != null) {
            failed.accept(problem);
        } else if (leg == null
                || !mirror.onRecord().lacksNothing(leg)
                || !mirror.onRecord().canSpare(leg)) {
            failed.accept(DeviceException.of(
                    Errno.EBUSY, mirror.name(), "leg " + index + " and another one must be in sync for a split"));
        } else {
            takeOut.accept(leg);
        }
        if (everything != null) {
            mirror.locks().unlock(everything);
        }
    }
}
