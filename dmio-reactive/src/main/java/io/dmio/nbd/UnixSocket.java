package io.dmio.nbd;

import io.dmio.DeviceException;
import io.dmio.Errno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A unix socket that nobody but its owner can ever connect to: it is made in a directory of its own that others cannot enter,
 * gets its mode there, and then moves to its place.
 */
final class UnixSocket {

    private static final String OWNER_ONLY = "rw-------";

    private final Path path;
    private final Path directory;

    private UnixSocket(Path path, Path directory) {
        this.path = path;
        this.directory = directory;
    }

    /** Prepares a socket; refuses to take the place of one that is used, or of anything else. */
    static UnixSocket at(Path path) {
        Path absolute = path.toAbsolutePath();
        if (Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)) {
            if (!isSocket(absolute) || isAlive(absolute)) {
                throw DeviceException.of(
                        Errno.EEXIST,
                        path.toString(),
                        "is there already, and is in use or no socket: take another path");
            }
        }
        try {
            Path parent = absolute.getParent();
            return new UnixSocket(absolute, Files.createTempDirectory(parent == null ? absolute : parent, ".dmio"));
        } catch (IOException failure) {
            throw DeviceException.of(Errno.EACCES, path.toString(), "cannot make a socket there: " + failure);
        }
    }

    /** Moves it where clients look for it. */
    void publish() {
        try {
            Files.setPosixFilePermissions(bound(), PosixFilePermissions.fromString(OWNER_ONLY));
            Files.move(bound(), path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            Files.delete(directory);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Takes it away again, whatever became of it. */
    void remove() {
        try {
            Files.deleteIfExists(path);
            Files.deleteIfExists(bound());
            Files.deleteIfExists(directory);
        } catch (IOException left) {
            // what is left is a socket that nobody listens on
        }
    }

    /** Where it is made, and to be bound. */
    Path bound() {
        return directory.resolve("s");
    }

    private static boolean isSocket(Path path) {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isOther();
        } catch (IOException gone) {
            return false;
        }
    }

    /** Whether somebody listens there. */
    static boolean isAlive(Path path) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(path));
            return true;
        } catch (IOException nobody) {
            return false;
        }
    }
}
