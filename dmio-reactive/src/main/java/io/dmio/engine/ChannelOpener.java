package io.dmio.engine;

import io.dmio.Capability;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.dmio.memory.Views;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Opens, creates and locks one path by means of the JDK. Blocks, on {@link ChannelThread}s; leaves nothing behind if it fails. */
final class ChannelOpener implements Opener {

    /** The last byte that there can be, beyond all data: Windows keeps others from reading what is locked. */
    private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

    private static final FileAttribute<?>[] NO_ATTRIBUTES = {};

    private final Path path;
    private final String name;
    private final OpenOptions options;

    /** Refuses a path that is not the system's; see {@link PathBytes#require}. */
    ChannelOpener(Path path, OpenOptions options) {
        PathBytes.require(path);
        this.path = path;
        this.name = path.toString();
        this.options = options;
    }

    @Override
    public String name() {
        return name;
    }

    /** On systems that do not tell their mounts, the root: a drive. */
    @Override
    public String mount() {
        return Mounts.now().of(path) + " " + path.toAbsolutePath().getRoot();
    }

    @Override
    public Looked looked() {
        if (options.direct()) {
            throw DeviceException.of(
                    Errno.EOPNOTSUPP,
                    name,
                    "the jdk engine has no direct I/O; open it buffered, or by the posix or uring engine");
        }
        if (WindowsNames.apply(System.getProperty("os.name", "")) && WindowsNames.isDevice(name)) {
            throw DeviceException.of(Errno.EINVAL, name, "is a device to Windows; the jdk engine opens files only");
        }
        if (!options.creates()) {
            requireFile();
        } else if (Files.exists(path)) {
            if (!options.mayExist()) {
                throw exists();
            }
            requireFile();
        }
        return new Looked(mount(), this::open);
    }

    private DeviceException exists() {
        return DeviceException.of(Errno.EEXIST, name, "exists already; open it without creating, or remove it first");
    }

    private void requireFile() {
        try {
            BasicFileAttributes is = Files.readAttributes(path, BasicFileAttributes.class);
            if (is.isRegularFile()) {
                return;
            }
            if (is.isDirectory()) {
                throw DeviceException.of(Errno.EISDIR, name, "is a directory; name a file");
            }
            if (has("unix")) { // which tells more kinds of files apart
                FileStatus.requireSectors((int) Files.getAttribute(path, "unix:mode"), name);
            }
            throw DeviceException.of(
                    Errno.EINVAL, name, "is no regular file; the jdk engine opens files only, the others disks, too");
        } catch (IOException unseen) {
            throw JdkErrno.failure(name, "cannot be looked at", unseen);
        }
    }

    private boolean has(String view) {
        return path.getFileSystem().supportedFileAttributeViews().contains(view);
    }

    private OpenFile open(String engine, Executor blocking) {
        try {
            return ChannelThread.call(() -> openNow(engine, blocking));
        } catch (FileAlreadyExistsException meanwhile) {
            throw exists();
        } catch (IOException refused) {
            throw JdkErrno.failure(name, "cannot be opened for " + (options.writes() ? "writing" : "reading"), refused);
        }
    }

    private OpenFile openNow(String engine, Executor blocking) throws IOException {
        FileChannel channel = options.creates() ? made() : FileChannel.open(path, how());
        boolean opened = false;
        try {
            FileLock lock = options.writes() && !options.shared() ? lock(channel) : null;
            if (options.creates() && (!options.mayExist() || channel.size() == 0)) { // as FileOpener
                size(channel);
            }
            DeviceInfo info = info(engine, channel.size());
            ChannelFile file = new ChannelFile(channel, lock, info, blocking);
            opened = true;
            return file;
        } finally {
            if (!opened) {
                undo(channel);
            }
        }
    }

    private Set<OpenOption> how() {
        return options.writes()
                ? Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE)
                : Set.of(StandardOpenOption.READ);
    }

    private FileChannel made() throws IOException {
        Set<OpenOption> making = new HashSet<>(how());
        making.add(options.mayExist() ? StandardOpenOption.CREATE : StandardOpenOption.CREATE_NEW);
        making.add(StandardOpenOption.SPARSE);
        return FileChannel.open(path, making, has("posix") ? permissions() : NO_ATTRIBUTES);
    }

    private FileAttribute<?>[] permissions() {
        PosixFilePermission[] all =
                PosixFilePermission.values(); // from the owner's to read down to everybody's to execute
        EnumSet<PosixFilePermission> these = EnumSet.noneOf(PosixFilePermission.class);
        for (int bit = 0; bit < all.length; bit++) {
            if ((options.mode() & 0400 >> bit) != 0) {
                these.add(all[bit]);
            }
        }
        return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(these)};
    }

    private FileLock lock(FileChannel channel) {
        @Nullable FileLock lock = null;
        try {
            lock = channel.tryLock(LOCKED_BYTE, 1, false);
        } catch (OverlappingFileLockException mine) {
            // held by another channel in this process
        } catch (IOException refused) {
            throw JdkErrno.failure(name, "cannot be locked; share it to go without a lock", refused);
        }
        if (lock == null) {
            throw DeviceException.of(Errno.EBUSY, name, FileOpener.LOCKED);
        }
        return lock;
    }

    private void size(FileChannel channel) {
        long bytes = options.createBytes();
        try {
            if (bytes > 0) {
                writeAll(channel, zeroes(1), bytes - 1);
            }
            if (options.preallocate()) { // the JDK has no other way to do it
                for (long at = 0; at < bytes; ) {
                    at = writeAll(channel, zeroes((int) Math.min(PagePool.ZERO_BYTES, bytes - at)), at);
                }
                channel.force(true);
            }
        } catch (IOException refused) {
            throw JdkErrno.failure(name, "cannot be made " + bytes + " bytes long", refused);
        }
    }

    private static ByteBuffer zeroes(int count) {
        return Views.nio(PagePool.zeroes(), 0, count);
    }

    /** Writes all of a buffer; returns the position of the next byte. */
    static long writeAll(FileChannel channel, ByteBuffer from, long position) throws IOException {
        long at = position;
        while (from.hasRemaining()) {
            at += channel.write(from, at);
        }
        return at;
    }

    private DeviceInfo info(String engine, long bytes) {
        long whole = FileProbe.wholeBlocks(bytes, Sectors.BYTES, name, options);
        return DeviceInfo.of(name, Sectors.ofBytes(whole), engine)
                .withTransferBytesMax(FileProbe.TRANSFER_BYTES_MAX)
                .withCapabilities(
                        options.writes()
                                ? EnumSet.of(Capability.FLUSH, Capability.FUA)
                                : EnumSet.of(Capability.FLUSH, Capability.READ_ONLY));
    }

    private void undo(FileChannel channel) {
        try {
            channel.close();
            if (options.creates() && !options.mayExist()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException left) {
            // The failure that led here is told; an empty file is left.
        }
    }
}
