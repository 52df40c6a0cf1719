package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.concurrent.RangeLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Takes a leg out at one moment between writes, flushed: nothing is written until the leg gets nothing any more. Owned by the mailbox. */
final class Split {

    private final Mirror mirror;
    private final MirrorRuntime runtime;
    private final int index;
    private final Consumer<Leg> done;
    private final Consumer<DeviceException> failed;
    private RangeLock.@Nullable Range everything;

    /**
     * @param index the leg's index
     * @param done called once, when the leg is out, with all that was written before and nothing else
     * @param failed called once instead
     */
    Split(Mirror mirror, int index, Consumer<Leg> done, Consumer<DeviceException> failed) {
        this.mirror = mirror;
        this.runtime = mirror.runtime();
        this.index = index;
        this.done = done;
        this.failed = failed;
    }

    void start() {
        everything = mirror.locks().lock(0, runtime.sectorCount(), () -> mirror.flush(this::flushed));
    }

    private void flushed(@Nullable DeviceException problem) {
        Leg leg = mirror.roster().leg(index);
        if (problem != null) {
            fail(problem);
        } else if (leg == null
                || !mirror.roster().isInSync(leg)
                || !mirror.roster().canSpare(leg)) {
            fail(DeviceException.of(
                    Errno.EBUSY, runtime.name(), "leg " + index + " and another one must be in sync for a split"));
        } else {
            mirror.departures().remove(index, new Gone(leg));
        }
    }

    private final class Gone implements Removal.Told {
        private final Leg leg;

        Gone(Leg leg) {
            this.leg = leg;
        }

        @Override
        public void left() {
            unlock();
        }

        @Override
        public void ended(@Nullable DeviceException problem) {
            if (problem == null) {
                done.accept(leg);
            } else {
                fail(problem);
            }
        }
    }

    // The lock goes first: whatever a callback does, the mirror goes on.
    private void fail(DeviceException why) {
        unlock();
        failed.accept(why);
    }

    private void unlock() {
        RangeLock.Range held = everything;
        everything = null;
        if (held != null) {
            mirror.locks().unlock(held);
        }
    }
}
