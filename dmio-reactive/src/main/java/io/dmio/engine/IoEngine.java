package io.dmio.engine;

import io.dmio.BlockDevice;
import io.dmio.DeviceScope;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import reactor.core.publisher.Mono;

/**
 * An engine that opens files and block devices, and carries out their I/O. Safe for use from any thread.
 *
 * <p>Signals come on the engine's threads. A {@code uring} thread is marked non-blocking for Reactor, so {@code block()} is
 * refused there. If a callback blocks a {@code posix} thread, everybody's I/O has one thread fewer.
 */
public interface IoEngine {

    /**
     * Returns the name of this engine.
     *
     * @return {@code posix}, {@code uring} or {@code jdk}; also the {@link io.dmio.DeviceInfo#engine()} of its devices
     */
    String name();

    /**
     * Opens a regular file or a block device. Cold: each subscription opens it again, with its own lock and descriptor. Opening
     * changes nothing of an existing file, its times included. Therefore the device has {@link io.dmio.Capability#DISCARD}
     * where its kind of file system is known for it, and not on network or FUSE file systems.
     *
     * <p>The subscriber that gets the device closes it. The safe form is
     * {@code Mono.usingWhen(engine.open(…), work, BlockDevice::close)}, or a {@link io.dmio.DeviceScope} for several devices,
     * with a timeout behind it: then no device is lost, whatever meets what. In other forms Reactor drops a device that a
     * cancel or a timeout meets on its way. Such a device is closed at once if the cancel came first, otherwise a tenth of a
     * second later unless it is used (see {@link io.dmio.Handover}). A device that is lost all the same, as in a
     * {@code CompletableFuture} that was cancelled, is closed when the garbage collector finds it, and its lock lasts until
     * then.
     *
     * @param path a path of the default file system, whatever bytes its name has; symbolic links are followed
     * @param options how to open it
     * @return a Mono of the device, to be closed by the subscriber. Errors with a {@link io.dmio.DeviceException}: EBUSY if
     *     locked or mounted elsewhere, EISDIR, ENOENT, EEXIST, EACCES, EINVAL for a size of odd bytes or another kind of file,
     *     ESHUTDOWN after {@link #close()}, or any other errno that the kernel reported.
     * @throws IllegalArgumentException for a path of another file system, such as one inside an archive
     */
    Mono<BlockDevice> open(Path path, OpenOptions options);

    /**
     * Opens several files or disks with the same options, one after the other: all of them or none.
     *
     * @param paths paths of the default file system
     * @param options how to open them
     * @return a Mono of the devices, in the order of their paths, to be closed by the subscriber:
     *     {@code Mono.usingWhen(engine.openAll(…), work, BlockDevice::closeAll)} does so whatever meets what. Errors as
     *     {@link #open}, with the path that could not be opened as the exception's {@link io.dmio.DeviceException#device()},
     *     once the devices opened before it are closed; files that were created for it stay
     * @throws IllegalArgumentException for a path of another file system; nothing is opened then
     */
    default Mono<List<BlockDevice>> openAll(List<Path> paths, OpenOptions options) {
        Objects.requireNonNull(paths, "paths");
        Objects.requireNonNull(options, "options");
        return DeviceScope.<BlockDevice>of(
                        paths.stream().map(path -> open(path, options)).toList())
                .open();
    }

    /**
     * Closes the engine: refuses new opens, closes every device this engine opened (waiting for their I/O), then ends the
     * engine's threads. Closing again waits for the same end. The shared engines of {@link IoEngines} stay open for the others
     * in the process: for them this does nothing.
     *
     * @return a Mono that completes when no I/O is left
     */
    Mono<Void> close();
}
