package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.Errno;
import java.util.List;
import java.util.function.LongSupplier;
import reactor.core.publisher.Mono;

/**
 * Devices that are no legs of the mirror, or not any more. Its owner's mark does not move there, so whoever waits for that is through some
 * day. Therefore each write looks first whose the device is, and comes at once, or not at all: one who takes it meanwhile does
 * not act yet ({@link Tenure}).
 */
final class LegsOutside {

    private static final int LOOKS_MAX = 3;

    private final MirrorRuntime runtime;
    private final Owner owner;
    private final LongSupplier clock;

    LegsOutside(MirrorRuntime runtime, Owner owner) {
        this.runtime = runtime;
        this.owner = owner;
        this.clock = owner.clock();
    }

    /**
     * Completes when a device may be written to at once: this owner's mark is on it, or that of nobody who may be there.
     *
     * @param unchanged looks whether it holds what it is believed to hold
     * @return errors with EBUSY if not, or if it is too slow to tell
     */
    Mono<Void> held(BlockDevice device, Mono<Boolean> unchanged) {
        Mono<Sight> free = seen(device, unchanged, LOOKS_MAX)
                .filter(sight -> owner.isMine(sight)
                        || !sight.isHeld(List.of(sight), runtime.options().host()));
        return isOff() ? Mono.empty() : free.switchIfEmpty(busy(device)).then();
    }

    /** Takes this owner's mark away, if it is there. */
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

    // Empty if it is not what it was; looked at again if that took too long to be true still.
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
