package io.dmio.nbd.server;

import io.dmio.DeviceException;
import io.dmio.Errno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.Charset;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * A unix socket that nobody but its owner can ever connect to: it is made in a directory of its own that others cannot enter, gets its mode
 * there, and then moves to its place. A lock beside it is held as long as the socket is there, so if two servers want one place only one gets
 * it, and no server removes the socket of the next. What a killed server left is removed by the next one that takes its place.
 */
final class UnixSocket {

    private static final String OWNER_ONLY = "rw-------";
    private static final int PATH_BYTES_MAX = 106; // the most that the JDK can name; others can name one byte more

    private final Path path;
    private final Path directory;
    private final @Nullable Path shortcut; // to the directory, if its own path is too long to be bound
    private final PlaceLock lock;
    private boolean published;

    private UnixSocket(Path path, Path directory, @Nullable Path shortcut, PlaceLock lock) {
        this.path = path;
        this.directory = directory;
        this.shortcut = shortcut;
        this.lock = lock;
    }

    /** Prepares a socket; replaces one that nobody listens on any more, and nothing else. */
    static UnixSocket at(Path path) {
        Path absolute = path.toAbsolutePath();
        if (bytes(absolute) > PATH_BYTES_MAX) {
            throw DeviceException.of(
                    Errno.ENAMETOOLONG,
                    path.toString(),
                    "is longer than the " + PATH_BYTES_MAX
                            + " bytes that a socket's path can have: take a shorter one");
        }
        PlaceLock lock = lock(absolute);
        try {
            requireFree(absolute);
            Path directory = lock.directory();
            boolean bindable = bytes(bound(directory)) <= PATH_BYTES_MAX;
            return new UnixSocket(absolute, directory, bindable ? null : shortcut(directory), lock);
        } catch (IOException failure) {
            lock.release();
            throw refusal(absolute, failure);
        } catch (DeviceException used) {
            lock.release();
            throw used;
        }
    }

    /** Moves the socket to where clients look for it. */
    void publish() {
        try {
            Path made = bound(directory);
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString(OWNER_ONLY));
            Files.move(made, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            published = true;
            removeDirectory();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Removes the socket again, whatever became of it. */
    void remove() {
        try {
            if (published) {
                Files.deleteIfExists(path);
            }
            Files.deleteIfExists(bound(directory));
            removeDirectory();
        } catch (IOException left) {
            // what is left is a socket that nobody listens on
        } finally {
            lock.release();
        }
    }

    /** Returns where the socket is made, and is to be bound. */
    Path bound() {
        return bound(shortcut == null ? directory : shortcut);
    }

    private static Path bound(Path directory) {
        return PlaceLock.socket(directory);
    }

    private void removeDirectory() throws IOException {
        if (shortcut != null) {
            Files.deleteIfExists(shortcut);
            Files.deleteIfExists(parent(shortcut));
        }
        Files.deleteIfExists(directory);
    }

    private static Path shortcut(Path to) throws IOException {
        return Files.createSymbolicLink(Files.createTempDirectory(".dmio").resolve("d"), to);
    }

    private static PlaceLock lock(Path path) {
        try {
            return PlaceLock.of(path)
                    .orElseThrow(() -> DeviceException.of(
                            Errno.EBUSY,
                            path.toString(),
                            "another server listens there, or is about to: take another path"));
        } catch (IOException failure) {
            throw refusal(path, failure);
        }
    }

    private static void requireFree(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!PlaceLock.isSocket(path) || !isDead(path)) {
            throw DeviceException.of(
                    Errno.EEXIST, path.toString(), "is there already, and is in use or no socket: take another path");
        }
    }

    /** Returns whether nobody listens there; a socket that is not a stream, or refuses for another reason, is in use. */
    private static boolean isDead(Path path) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(path));
            return false;
        } catch (ConnectException refused) {
            return String.valueOf(refused.getMessage()).contains("refused");
        } catch (IOException somebodys) {
            return false;
        }
    }

    private static DeviceException refusal(Path path, IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return DeviceException.of(Errno.ENOENT, path.toString(), "there is no directory " + parent(path));
        }
        if (failure instanceof FileAlreadyExistsException other) {
            return DeviceException.of(Errno.EEXIST, path.toString(), String.valueOf(other.getReason()));
        }
        Errno errno = failure instanceof AccessDeniedException ? Errno.EACCES : Errno.EIO;
        return DeviceException.of(errno, path.toString(), "cannot make a socket there: " + failure);
    }

    private static Path parent(Path absolute) {
        Path parent = absolute.getParent();
        return parent == null ? absolute : parent;
    }

    private static int bytes(Path path) {
        return path.toString().getBytes(Charset.defaultCharset()).length;
    }
}
