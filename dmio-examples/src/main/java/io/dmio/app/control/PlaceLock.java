package io.dmio.app.control;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A lock on a place for a socket: a file beside it, which is locked as long as somebody has the place, and goes with the lock.
 *
 * <p>Its holder takes the file away, so whoever had opened it before may lock one that is at no path any more, while the next one locks
 * another. So a lock counts only if the file that is at the path is the one that was locked, which its length tells: a number by chance that
 * is given to the locked one, where nobody but its holder writes. It is not opened again to be told by what is in it: the kernel lets go of its
 * locks on a file when a process closes any channel to it.
 *
 * <p>A file that has anything else in it is somebody's by chance, and a link may lead to one: those are left as they are, and there is no lock.
 *
 * <p>The library and the app have one each, as the library shows nobody what it is made of; a test holds them equal.
 */
final class PlaceLock {

    private static final int LENGTH_MAX = 1 << 20;
    private static final byte[] WORDS = "A lock of dmio.\n".getBytes(StandardCharsets.US_ASCII); // begin the file
    private static final Set<OpenOption> HOW = Set.of(
            StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    /** Of this process, which never has a second channel to one of them. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel locked;

    private PlaceLock(Path file, FileChannel locked) {
        this.file = file;
        this.locked = locked;
    }

    /**
     * Takes a place; does not wait.
     *
     * @param place which
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
            lock = locked(file);
            return lock;
        } finally {
            if (lock.isEmpty()) {
                HELD.remove(file);
            }
        }
    }

    @SuppressWarnings("MustBeClosed") // held until it is released
    private static Optional<PlaceLock> locked(Path file) throws IOException {
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
                    return Optional.of(new PlaceLock(file, opened));
                }
            } finally {
                if (!kept) {
                    opened.close();
                }
            }
        }
    }

    /** One that is new, or was left by a holder that died, maybe before it wrote. */
    private static void requireLock(Path file, FileChannel opened) throws IOException {
        byte[] begin = new byte[WORDS.length];
        boolean isEmpty = opened.read(ByteBuffer.wrap(begin), 0) < 0;
        if (!isEmpty && !Arrays.equals(begin, WORDS)) {
            throw new FileAlreadyExistsException(
                    file.toString(), null, file + " is needed for a lock, and is none: move it, or take another path");
        }
    }

    /**
     * Whether a file is still at its path.
     *
     * @param opened to it, and locked
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

    /** Gives the place to whoever comes next; a second time does nothing. */
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
            // a file of nobody's, which the next one locks
        } finally {
            HELD.remove(file);
        }
    }
}
