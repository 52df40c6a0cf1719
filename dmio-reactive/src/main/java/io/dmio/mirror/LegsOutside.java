package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.Errno;
import java.util.List;
import java.util.function.LongSupplier;
import reactor.core.publisher.Mono;

/**
 * Writes to devices that are no legs of the mirror, or not any more. The owner's mark does not move there, so another
 * owner that waits for that is through some day. Therefore each write first looks whose the device is, and then comes
 * at once or not at all: an owner that takes the device meanwhile does not act yet ({@link Tenure}).
 */
final class LegsOutside {

    private static final int LOOKS_MAX = 3;

    private final MirrorRuntime runtime;
    private final Owner owner;
    private final LongSupplier clock;

    LegsOutside(MirrorRuntime runtime, Owner owner) {
        this.runtime = runtime;
        this.owner = owner;
        this.clock = owner.claim().clock();
    }

    /**
     * Completes when a device may be written to at once: it has this owner's mark, or no mark of an owner that may be there.
     *
     * @param unchanged looks whether the device holds what it is believed to hold
     * @return a Mono that errors with EBUSY if it may not be written to, or is too slow to tell
     */
    Mono<Void> held(BlockDevice device, Mono<Boolean> unchanged) {
        Mono<Sight> free = seen(device, unchanged, LOOKS_MAX)
                .filter(sight -> owner.isMine(sight)
                        || !sight.isHeld(List.of(sight), runtime.options().host()));
        return isOff() ? Mono.empty() : free.switchIfEmpty(busy(device)).then();
    }

    /** Erases this owner's mark, if it is there. */
    Mono<Void> unmark(BlockDevice device) {
        return isOff()
                ? Mono.empty()
                : seen(device, Mono.just(true), LOOKS_MAX)
                        .filter(owner::isMine)
                        .flatMap(mine -> OwnerMarks.erase(device));
    }

    private boolean isOff() {
        return !runtime.options().ownerMarks();
    }

    // Empty if the device is not what it was. Looks again if the look took too long to be still true.
    private Mono<Sight> seen(BlockDevice device, Mono<Boolean> unchanged, int looks) {
        return owner.held().then(Mono.defer(() -> {
            long read = clock.getAsLong();
            return OwnerMarks.look(device)
                    .flatMap(sight -> unchanged.filter(same -> same).map(same -> sight))
                    .flatMap(sight -> isQuick(read) ? Mono.just(sight) : slow(device, unchanged, looks - 1));
        }));
    }

    private boolean isQuick(long read) {
        return clock.getAsLong() - read <= runtime.options().ownerTerms().quickNanos();
    }

    private Mono<Sight> slow(BlockDevice device, Mono<Boolean> unchanged, int looks) {
        return looks > 0 ? seen(device, unchanged, looks) : busy(device);
    }

    private static Mono<Sight> busy(BlockDevice device) {
        return Mono.error(() -> DeviceException.of(
                Errno.EBUSY, device.info().name(), "is no leg any more, and another may have it by now"));
    }
}
