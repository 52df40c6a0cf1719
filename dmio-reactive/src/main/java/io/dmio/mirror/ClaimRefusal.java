package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.Errno;
import java.util.concurrent.TimeUnit;

/** The errors that tell the caller of a start why it does not get the legs. */
final class ClaimRefusal {

    private ClaimRefusal() {}

    static DeviceException taken(BlockDevice leg, Sight sight) {
        String name = leg.info().name();
        OwnerMark other = sight.mark();
        return other == null
                ? DeviceException.of(Errno.EBUSY, name, "somebody else writes where the owner's mark of the mirror is")
                : other.refusal(name);
    }

    static DeviceException outrun(BlockDevice leg) {
        return DeviceException.of(
                Errno.EBUSY,
                leg.info().name(),
                "the mirror is open elsewhere, by an owner that has gone on with other legs meanwhile",
                MirrorRefusal.OPEN_ELSEWHERE);
    }

    static DeviceException stopped(String leg) {
        return DeviceException.of(
                Errno.ECANCELED, leg, "the start was stopped before it was known that nobody else has the mirror");
    }

    static DeviceException heldUp(BlockDevice leg) {
        return OwnerMark.heldUp(leg.info().name());
    }

    static DeviceException unusable(BlockDevice leg, String how) {
        return DeviceException.of(
                Errno.EIO, leg.info().name(), "an owner's mark cannot be " + how + " enough legs of the mirror");
    }

    static DeviceException slow(BlockDevice leg, long nanos, int times) {
        return DeviceException.of(
                Errno.ETIMEDOUT,
                leg.info().name(),
                String.format(
                        "the owner's mark of the mirror was read and written in %,d ms, too slowly %d times in a row to prove"
                                + " that nobody else has the mirror: see OwnerOptions",
                        TimeUnit.NANOSECONDS.toMillis(nanos), times));
    }
}
