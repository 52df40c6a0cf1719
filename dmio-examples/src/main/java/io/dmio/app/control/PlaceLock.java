package io.dmio.app.control;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A lock on a place for a socket: a file beside the place, which is locked as long as somebody has the place, and goes with the lock. The
 * holder makes the socket beside it, too. Both have names derived from the place, so the next holder of the place knows what a killed one
 * left.
 *
 * <p>The holder removes the file, so a process that had opened it before may lock a file that is at no path any more, while the next one
 * locks another. So a lock counts only if the file at the path is the one that was locked. Its length tells: the locked file is given a
 * random length, and nobody but the holder writes to it. The file is not opened again to compare its content: the kernel drops a process's
 * locks on a file when the process closes any channel to it.
 *
 * <p>A file with any other content belongs to somebody else by chance, and a link may lead to one: those are left as they are, and there is
 * no lock.
 *
 * <p>The library and the app have one copy each, as the library does not show its internals; a test holds them equal.
 */
final class PlaceLock {

    private static final int LENGTH_MAX = 1 << 20;
    private static final byte[] WORDS = "A lock of dmio.\n".getBytes(StandardCharsets.US_ASCII); // begin the file
    private static final String UID = "unix:uid";
    private static final int TYPE = 0xf000; // of a file, in its mode
    private static final int SOCKET = 0xc000;
    private static final Set<PosixFilePermission> MINE_ONLY = PosixFilePermissions.fromString("rwx------");
    private static final Set<OpenOption> HOW = Set.of(
            StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    /** The locks of this process, which never has a second channel to one of them. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path place;
    private final Path file;
    private final FileChannel locked;

    private PlaceLock(Path place, Path file, FileChannel locked) {
        this.place = place;
        this.file = file;
        this.locked = locked;
    }

    /**
     * Takes a place; does not wait.
     *
     * @param place the place
     * @return empty if somebody has it
     * @throws IOException if there can be no lock
     */
    static Optional<PlaceLock> of(Path place) throws IOException {
        Path absolute = place.toAbsolutePath();
        Path directory = Objects.requireNonNullElse(absolute.getParent(), absolute);
        Path file =
                directory.toRealPath().resolve(place.getFileName() + ".lock"); // one name, whatever links lead there
        if (!HELD.add(file)) {
            return Optional.empty();
        }
        Optional<PlaceLock> lock = Optional.empty();
        try {
            lock = locked(file).map(opened -> new PlaceLock(absolute, file, opened));
            return lock;
        } finally {
            if (lock.isEmpty()) {
                HELD.remove(file);
            }
        }
    }

    @SuppressWarnings("MustBeClosed") // held until it is released
    private static Optional<FileChannel> locked(Path file) throws IOException {
        while (true) {
            FileChannel opened = FileChannel.open(
                    file, HOW, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            boolean kept = false;
            try {
                if (opened.tryLock() == null) {
                    return Optional.empty();
                }
                requireLock(file, opened);
                kept = isAt(file, opened);
                if (kept) {
                    return Optional.of(opened);
                }
            } finally {
                if (!kept) {
                    opened.close();
                }
            }
        }
    }

    /** Checks that the file is new, or was left by a holder that died, maybe before it wrote. */
    private static void requireLock(Path file, FileChannel opened) throws IOException {
        byte[] begin = new byte[WORDS.length];
        boolean isEmpty = opened.read(ByteBuffer.wrap(begin), 0) < 0;
        if (!isEmpty && !Arrays.equals(begin, WORDS)) {
            throw new FileAlreadyExistsException(
                    file.toString(), null, file + " is needed for a lock, and is none: move it, or take another path");
        }
    }

    /**
     * Returns whether a file is still at its path.
     *
     * @param opened a channel to the file, which is locked
     */
    static boolean isAt(Path file, FileChannel opened) throws IOException {
        int length = ThreadLocalRandom.current().nextInt(WORDS.length + 1, LENGTH_MAX);
        opened.truncate(0);
        opened.write(ByteBuffer.wrap(WORDS), 0);
        opened.write(ByteBuffer.allocate(1), length - 1);
        try {
            return Files.size(file) == length;
        } catch (NoSuchFileException takenAway) {
            return false;
        }
    }

    /**
     * Makes the directory in which the holder makes the socket, and which nobody else can enter. What a killed holder left of one is removed;
     * anything else that has its name is left as it is.
     *
     * @return the directory, empty
     * @throws IOException if it cannot be made
     */
    Path directory() throws IOException {
        Path directory = place.resolveSibling(place.getFileName() + ".new");
        if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            requireLeft(directory);
            removeLeft(directory);
        }
        return Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(MINE_ONLY));
    }

    /** Returns where the socket is made. */
    static Path socket(Path directory) {
        return directory.resolve("s");
    }

    // Owned by somebody who could put anything there: this user, or the owner of the directory around it.
    private static void requireLeft(Path directory) throws IOException {
        Object owner = Files.getAttribute(directory, UID, LinkOption.NOFOLLOW_LINKS);
        boolean trusted = owner.equals(Files.getAttribute(Path.of("/proc/self"), UID))
                || owner.equals(Files.getAttribute(directory.resolveSibling("."), UID));
        if (!trusted
                || !Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                || !Files.getPosixFilePermissions(directory).equals(MINE_ONLY)) {
            throw needed(directory);
        }
    }

    private static void removeLeft(Path directory) throws IOException {
        try {
            if (isSocket(socket(directory))) {
                Files.delete(socket(directory));
            }
            Files.delete(directory);
        } catch (DirectoryNotEmptyException somebodys) {
            throw needed(directory);
        }
    }

    private static FileAlreadyExistsException needed(Path directory) {
        return new FileAlreadyExistsException(
                directory.toString(),
                null,
                directory + " is needed to make a socket in, and is something else: move it, or take another path");
    }

    /** Returns whether a socket is there; a link to one does not count. */
    static boolean isSocket(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        int mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        return (mode & TYPE) == SOCKET;
    }

    /** Releases the place for the next holder; a second call does nothing. */
    synchronized void release() {
        if (!locked.isOpen()) {
            return;
        }
        try {
            try {
                if (isAt(file, locked)) { // and not the next one's, after somebody has deleted it
                    Files.delete(file);
                }
            } finally {
                locked.close();
            }
        } catch (IOException left) {
            // the file is nobody's now, and the next holder locks it
        } finally {
            HELD.remove(file);
        }
    }
}
