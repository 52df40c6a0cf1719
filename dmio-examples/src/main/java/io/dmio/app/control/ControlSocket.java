package io.dmio.app.control;

import io.dmio.app.cli.FileId;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A server's socket in the run directory. A lock beside the socket is held as long as the server runs, so the socket of a dead server is
 * replaced, and that of a live one is not. The socket is made in a directory that nobody else can enter, and moves to its place with its mode
 * set; what a killed server left of such a directory is removed at the next start.
 */
final class ControlSocket {

    private static final String MINE_ONLY = "rw-------";

    private final Path path;
    private final Path directory;
    private final PlaceLock lock;

    private ControlSocket(Path path, Path directory, PlaceLock lock) {
        this.path = path;
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * Takes the place.
     *
     * @throws IllegalArgumentException if another server has it, or no socket can be made there
     */
    static ControlSocket at(Path path) {
        PlaceLock lock = lock(path);
        try {
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && (!PlaceLock.isSocket(path) || answers(path))) {
                throw new IllegalArgumentException(path + ": is in use, or no socket");
            }
            return new ControlSocket(path, lock.directory(), lock);
        } catch (IOException failure) {
            lock.release();
            throw new IllegalArgumentException(path + ": " + FileId.reason(failure), failure);
        } catch (IllegalArgumentException taken) {
            lock.release();
            throw taken;
        }
    }

    /** Returns where the socket is to be bound. */
    Path bound() {
        return PlaceLock.socket(directory);
    }

    /** Moves the bound socket to where clients look for it. */
    void publish() {
        try {
            Files.setPosixFilePermissions(bound(), PosixFilePermissions.fromString(MINE_ONLY));
            Files.move(bound(), path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            Files.delete(directory);
        } catch (IOException failure) {
            throw new IllegalArgumentException(path + ": " + FileId.reason(failure), failure);
        }
    }

    /** Removes the socket. */
    void remove() {
        try {
            Files.deleteIfExists(path);
            Files.deleteIfExists(bound());
            Files.deleteIfExists(directory);
        } catch (IOException left) {
            // what is left is a socket that nobody listens on
        } finally {
            lock.release();
        }
    }

    /** Returns whether somebody listens there. */
    static boolean answers(Path socket) {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return channel.isConnected();
        } catch (IOException nobody) {
            return false;
        }
    }

    private static PlaceLock lock(Path path) {
        try {
            return PlaceLock.of(path).orElseThrow(() -> new IllegalArgumentException(path + ": another server has it"));
        } catch (IOException failure) {
            throw new IllegalArgumentException(path + ": " + FileId.reason(failure), failure);
        }
    }
}
