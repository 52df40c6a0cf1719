package io.dmio.app.copy;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.Sectors;
import io.dmio.app.cli.Engine;
import io.dmio.app.cli.FileId;
import io.dmio.app.cli.FilePath;
import io.dmio.app.cli.ProgressBar;
import io.dmio.app.cli.Sizes;
import io.dmio.engine.IoEngine;
import io.dmio.engine.OpenOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * One opened destination. Devices have whole blocks, files any length: so a file is opened a little too long and gets its length at the end.
 * Blocks; for a command's main thread.
 */
final class Target {

    private static final long COPIED = -1;

    private final FileId id;
    private final BlockDevice device;
    private final long lengthAtEnd;

    private Target(FileId id, BlockDevice device, long lengthAtEnd) {
        this.id = id;
        this.device = device;
        this.lengthAtEnd = lengthAtEnd;
    }

    /**
     * How destinations are to be opened.
     *
     * @param engine opens them
     * @param direct whether to bypass the page cache
     * @param resize whether an existing file takes the source's length, instead of keeping its own
     * @param bytes the source's length, or {@link ProgressBar#UNKNOWN}
     * @param mode the source's mode: a user that may not read or write the source may not read or write a new copy of it either
     */
    record Wish(IoEngine engine, boolean direct, boolean resize, long bytes, int mode) {

        private OpenOptions open() {
            return OpenOptions.readWrite().withDirect(direct).withMode(mode);
        }

        /** Returns what a file has to hold: as much as its file system could if that is unknown; sparse, so it costs nothing. */
        private long room(Path file) throws IOException {
            long wanted = bytes != ProgressBar.UNKNOWN
                    ? bytes
                    : Files.getFileStore(
                                    Objects.requireNonNull(file.toAbsolutePath().getParent()))
                            .getUsableSpace();
            return Sizes.roundUp(wanted, Sectors.PAGE_BYTES);
        }
    }

    /**
     * Opens a destination, creating it if it is missing.
     *
     * @param id a file, a block device, or a missing file
     * @param wish how to open it
     * @throws IllegalArgumentException if it is smaller than the source, with nothing changed
     * @throws DeviceException if it cannot be opened
     */
    static Target open(FileId id, Wish wish) {
        try {
            Target target = switch (id.kind()) {
                case MISSING -> create(id, wish);
                case FILE -> wish.resize() ? resized(id, wish) : kept(id, wish);
                default -> new Target(id, device(id, wish, wish.open()), COPIED);
            };
            return target.requireRoom(wish.bytes());
        } catch (IOException failed) {
            throw new IllegalArgumentException(id.given() + ": " + FileId.reason(failed), failed);
        }
    }

    BlockDevice device() {
        return device;
    }

    /** Returns whether it was made for this copy, and so reads as zeroes. */
    boolean isNew() {
        return id.kind() == FileId.Kind.MISSING;
    }

    boolean isFile() {
        return id.kind() != FileId.Kind.BLOCK_DEVICE && id.kind() != FileId.Kind.EXPORT;
    }

    /** Returns how many bytes after the copy's end the padding of the last block overwrites; 0 for a file that ends there. */
    long paddedBytes(long copied) {
        long end = Sizes.roundUp(copied, device.info().logicalBlockBytes());
        if (!isFile()) {
            return Math.min(end, Engine.bytes(device)) - copied;
        }
        return lengthAtEnd == COPIED ? 0 : Math.max(0, Math.min(end, lengthAtEnd) - copied);
    }

    /**
     * Closes the device and gives the file its length.
     *
     * @param copied bytes that were written from the start on
     * @param sync whether the length is made durable, too
     */
    void finish(long copied, boolean sync) throws IOException {
        device.close().block();
        long length = lengthAtEnd == COPIED ? copied : lengthAtEnd;
        if (isFile() && length != device.info().bytes()) {
            try (FileChannel file = FileChannel.open(path(), StandardOpenOption.WRITE)) {
                file.truncate(length);
                if (sync) {
                    file.force(true);
                }
            }
        }
    }

    /** Closes the destination and undoes what opening it did. */
    void undo() {
        try {
            finish(Math.max(lengthAtEnd, id.bytes()), false);
            if (id.kind() == FileId.Kind.MISSING) {
                Files.deleteIfExists(path());
            }
        } catch (IOException left) {
            // The failure that led here is told; a file stays.
        }
    }

    private static Target create(FileId id, Wish wish) throws IOException {
        OpenOptions create = wish.open().withCreate(wish.room(FilePath.of(id.given())));
        return new Target(id, device(id, wish, create), COPIED);
    }

    /** Opens a file that keeps its length; odd bytes at its end are filled up to a block for the time of the copy. */
    private static Target kept(FileId id, Wish wish) throws IOException {
        if (wish.bytes() > id.bytes()) {
            throw tooSmall(id, id.bytes(), wish.bytes(), "; --resize lets it grow");
        }
        try {
            return new Target(id, device(id, wish, wish.open()), id.bytes());
        } catch (DeviceException odd) {
            // The engine looks at the size only once it has the lock: nobody else writes the file.
            if (odd.errno() != Errno.EINVAL || id.bytes() % Sectors.PAGE_BYTES == 0) {
                throw odd;
            }
            length(id, Sizes.roundUp(id.bytes(), Sectors.PAGE_BYTES));
            return new Target(id, device(id, wish, wish.open()), id.bytes());
        }
    }

    private static Target resized(FileId id, Wish wish) throws IOException {
        kept(id, new Wish(wish.engine(), wish.direct(), false, 0, wish.mode()))
                .device
                .close()
                .block(); // nobody else writes it
        long room = Math.max(id.bytes(), wish.room(FilePath.of(id.given()))); // what is too long is cut at the end
        length(id, Sizes.roundUp(room, Sectors.PAGE_BYTES));
        return new Target(id, device(id, wish, wish.open()), COPIED);
    }

    private static void length(FileId id, long bytes) throws IOException {
        try (FileChannel file = FileChannel.open(FilePath.of(id.given()), StandardOpenOption.WRITE)) {
            file.truncate(bytes);
            if (file.size() < bytes) {
                file.write(ByteBuffer.allocate(1), bytes - 1);
            }
        }
    }

    private Target requireRoom(long bytes) {
        if (bytes > Engine.bytes(device)) {
            undo();
            throw tooSmall(id, Engine.bytes(device), bytes, "");
        }
        return this;
    }

    private static IllegalArgumentException tooSmall(FileId id, long has, long needs, String advice) {
        return new IllegalArgumentException(id.given() + ": is smaller than the source: it has "
                + Sizes.counted(has, "byte") + ", the source " + Sizes.grouped(needs) + advice);
    }

    private static BlockDevice device(FileId id, Wish wish, OpenOptions options) {
        return Engine.openAll(wish.engine(), id.given(), options);
    }

    private Path path() {
        return FilePath.of(id.given());
    }
}
