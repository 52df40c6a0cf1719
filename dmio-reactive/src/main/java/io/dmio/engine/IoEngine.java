package io.dmio.engine;

import io.dmio.BlockDevice;
import io.dmio.DeviceScope;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import reactor.core.publisher.Mono;

/**
 * Opens files and block devices, and carries their I/O. Safe for use from any thread.
 *
 * <p>Signals come on the engine's threads. A {@code uring} thread is marked non-blocking for Reactor, so {@code block()} is
 * refused there; a {@code posix} thread that a callback blocks is one thread fewer for everybody's I/O.
 */
public interface IoEngine {

    /**
     * Which engine.
     *
     * @return {@code posix}, {@code uring} or {@code jdk}; also the {@link io.dmio.DeviceInfo#engine()} of its devices
     */
    String name();

    /**
     * Opens a regular file or a block device. Cold: each subscription opens it again, with its own lock and descriptor.
     * Nothing of an existing file changes by that, its times included; so {@link io.dmio.Capability#DISCARD} is among what it
     * can where its kind of file system is known for it, and not on network or FUSE file systems.
     *
     * <p>The subscriber that gets the device closes it. The safe form is {@code Mono.usingWhen(engine.open(…), work, BlockDevice::close)},
     * or a {@link io.dmio.DeviceScope} for several, with a timeout behind it: no device is lost then, whatever meets what. In
     * other forms Reactor drops a device that a cancel or a timeout meets on its way. It is closed at once if the cancel came
     * first, else a tenth of a second later unless it is used (see {@link io.dmio.Handover}). What is lost all the same,
     * such as a device in a {@code CompletableFuture} that was cancelled, is closed when the garbage collector finds it, and its
     * lock lasts until then.
     *
     * @param path of the default file system, whatever bytes its name has; symbolic links are followed
     * @param options how
     * @return emits the device, to be closed by the subscriber. Errors with a {@link io.dmio.DeviceException}: EBUSY
     *     locked or mounted elsewhere, EISDIR, ENOENT, EEXIST, EACCES, EINVAL for a size of odd bytes or another kind of file,
     *     ESHUTDOWN after {@link #close()}, or what else the kernel said.
     * @throws IllegalArgumentException for a path of another file system, such as one inside an archive
     */
    Mono<BlockDevice> open(Path path, OpenOptions options);

    /**
     * Opens several files or disks with the same options, one after the other: all of them or none.
     *
     * @param paths of the default file system
     * @param options how
     * @return emits the devices, in the order of their paths, to be closed by the subscriber: {@code Mono.usingWhen(engine.openAll(…),
     *     work, BlockDevice::closeAll)} does so whatever meets what. Errors as {@link #open}, with the path that could not be opened
     *     as the exception's {@link io.dmio.DeviceException#device()}, once those before it are closed; files that were made for it
     *     stay
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
     * Refuses new opens, closes every device this engine opened (waiting for their I/O), then ends the engine's threads.
     * Closing again waits for the same end. The shared engines of {@link IoEngines} stay open for the others in the process:
     * for them this does nothing.
     *
     * @return completes when no I/O is left
     */
    Mono<Void> close();
}
