package io.dmio;

import io.dmio.concurrent.Deferred;
import io.dmio.concurrent.FirstFailure;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A device that stores sectors: an open file, a disk, memory, a fault injector, a meter, a mirror, a remote export. All
 * operations go through one method, so a wrapper overrides one method. The kernel's counterpart is a block device under
 * {@code submit_bio}.
 *
 * <p>Implementations are safe for concurrent use from any thread and promise no order between operations in flight.
 */
public interface BlockDevice {

    /**
     * Returns what the device promises. The description is constant from open to close, and can be read after close.
     *
     * @return the device's description
     */
    DeviceInfo info();

    /**
     * Performs one operation, which succeeds as a whole or fails: short transfers are continued, EINTR and EAGAIN are retried,
     * and an end of file inside the range is EIO.
     *
     * <p><b>Cold:</b> nothing happens before subscribe, and each subscription performs the operation again. <b>Memory:</b>
     * borrowed; the device holds its own reference to the buffer from subscribe until the hardware has answered, and releases
     * it before it signals. Cancelling only detaches the subscriber: what was handed to the hardware runs to its end.
     * <b>Thread:</b> signals come on the device's completing thread, or on the caller's if the operation finished at once; do
     * not block there.
     *
     * @param op the operation: inside the device, aligned to its logical blocks, not longer than its transfer limit
     * @return a Mono that completes empty when the operation is done; errors with a {@link DeviceException} that carries the
     *     errno: EINVAL if misaligned or too long, ENOSPC (writes) or EIO (reads) beyond the end, EROFS, EOPNOTSUPP, ESHUTDOWN
     *     after close, or what the hardware reported. After an error the content of the range, or of the memory of a read, is
     *     undefined.
     */
    Mono<Void> submit(BlockOp op);

    /**
     * Reports which sectors hold data, so that holes need not be read or sent. Data written in the meantime may or may not be
     * included. By default, a device reports that every sector may hold data.
     *
     * @param sector the first sector
     * @param sectorCount how many, at least 1; inside the device
     * @return a Mono of extents that follow each other from {@code sector} on; the device may stop before the end of the range,
     *     but not before it has reported one extent. Cold, with signals on the same threads as {@link #submit}; errors with a
     *     {@link DeviceException}, EINVAL for a range that is empty or not inside the device
     */
    default Mono<List<Extent>> extents(long sector, long sectorCount) {
        return Mono.fromCallable(() -> {
            Optional<DeviceException> refused = info().extentsRefusal(sector, sectorCount);
            if (refused.isPresent()) {
                throw refused.get();
            }
            return List.of(new Extent(sector, sectorCount, Extent.Kind.DATA));
        });
    }

    /**
     * Pins this object to the device that it reaches now. Behind some objects another device can appear, as behind the address
     * of a server. Once pinned, such an object fails everything that is asked of it with ESTALE from the moment when it can no
     * longer prove that the device is still the same, until a caller pins it again; that caller then looks at what is there. An
     * object that was never pinned goes on with whatever device is there. May be called from any thread.
     */
    default void pin() {}

    /**
     * Closes the device: refuses new operations (ESHUTDOWN), waits for the operations in flight, and frees what the device
     * holds. Does not flush. Closing again waits for the same end.
     *
     * @return a Mono that completes when nothing is in flight and everything is freed
     */
    Mono<Void> close();

    /**
     * Closes several devices concurrently. Each is closed even if closing another one fails.
     *
     * @param devices the devices to close; may be empty
     * @return a cold Mono that completes when all are closed; if closing failed, it errors when all have ended, with the first
     *     failure and the others suppressed in it
     */
    static Mono<Void> closeAll(Collection<? extends BlockDevice> devices) {
        List<BlockDevice> all = List.copyOf(Objects.requireNonNull(devices, "devices"));
        return Mono.defer(() -> {
            FirstFailure failure = new FirstFailure();
            return Flux.fromIterable(all)
                    .flatMap(
                            device -> Deferred.<Void>mono(device::close).onErrorResume(thrown -> {
                                failure.add(thrown);
                                return Mono.empty();
                            }),
                            Math.max(1, all.size()))
                    .then(failure.signal());
        });
    }
}
