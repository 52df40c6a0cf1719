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
 * Anything that stores sectors: an open file, a disk, memory, a fault injector, a meter, a mirror, a remote export. One
 * verb, so a wrapper is one method. The kernel's counterpart is a block device under {@code submit_bio}.
 *
 * <p>Implementations are safe for concurrent use from any thread and promise no order between operations in flight.
 */
public interface BlockDevice {

    /**
     * What the device promises; constant from open to close, and readable after close.
     *
     * @return its description
     */
    DeviceInfo info();

    /**
     * Does one operation, whole or not at all successful: short transfers are continued, EINTR and EAGAIN retried, and an
     * end of file inside the range is EIO.
     *
     * <p><b>Cold:</b> nothing happens before subscribe, and each subscription does the operation again. <b>Memory:</b>
     * borrowed; the device keeps its own reference to the buffer from subscribe until the hardware answered, and drops it
     * before it signals. Cancelling only detaches the subscriber: what was handed to the hardware runs out.
     * <b>Thread:</b> signals come on the device's completing thread, or on the caller's if it finished at once; do not
     * block there.
     *
     * @param op inside the device, aligned to its logical blocks, not longer than its transfer limit
     * @return completes empty when done; errors with a {@link DeviceException} that carries the errno: EINVAL misaligned
     *     or too long, ENOSPC (writes) or EIO (reads) beyond the end, EROFS, EOPNOTSUPP, ESHUTDOWN after close, or what
     *     the hardware said. After an error the content of the range, or of the memory of a read, is undefined.
     */
    Mono<Void> submit(BlockOp op);

    /**
     * Tells which sectors hold data, so that holes need not be read or sent. What is written meanwhile may be in it or not.
     * Unless a device knows better, everything may hold data.
     *
     * @param sector the first sector
     * @param sectorCount how many, at least 1; inside the device
     * @return extents that follow each other from {@code sector} on; the device may stop before the end of the range, but not
     *     before it has told of one. Cold, and on threads, as {@link #submit}; errors with a {@link DeviceException}, EINVAL for
     *     a range that is empty or not inside the device
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
     * Says that from now on this very device is meant. One behind which another can appear, as behind the address of a server,
     * fails whatever is asked of it with ESTALE from when it cannot prove any more that it is the same, until it is pinned again
     * by a caller that then looks what is there. One that was never pinned goes on with whatever is there. From any thread.
     */
    default void pin() {}

    /**
     * Refuses new operations (ESHUTDOWN), waits for those in flight, and frees what the device holds. Does not flush.
     * Closing again waits for the same end.
     *
     * @return completes when nothing is in flight and everything is freed
     */
    Mono<Void> close();

    /**
     * Closes several devices side by side, each of them whatever the others do.
     *
     * @param devices to be closed; none is fine
     * @return completes when all are closed; errors, when all have ended, with the first failure, the others suppressed in it. Cold
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
