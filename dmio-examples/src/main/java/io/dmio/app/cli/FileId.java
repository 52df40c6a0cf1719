package io.dmio.app.cli;

import io.dmio.nbd.NbdUri;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What a path or an NBD URI on the command line stands for, with links followed.
 *
 * @param given as the user wrote it
 * @param kind what it is
 * @param key equal for all paths to the same file (by device and inode) or disk (by device number)
 * @param deviceNumber {@code major:minor} of a block device, else empty
 * @param bytes a regular file's length, else 0
 * @param mode who may read and write it, as in {@code chmod}; 0666 if unknown
 */
public record FileId(String given, Kind kind, String key, String deviceNumber, long bytes, int mode) {

    private static final int EVERYBODY = 0666;
    private static final String STATUS = "unix:mode,dev,ino,rdev,size"; // as stat(2) tells it

    private static final Set<String> FILE_SYSTEMS_IN_MEMORY = Set.of("tmpfs", "ramfs");

    /** File systems of the kernel's, where a file's size does not tell what can be read from it. */
    private static final Set<String> FILE_SYSTEMS_WITHOUT_SIZES = Set.of(
            "proc", "sysfs", "cgroup", "cgroup2", "debugfs", "tracefs", "securityfs", "configfs", "pstore", "efivarfs");

    /** What a path can be. */
    public enum Kind {
        /** {@code -}: standard input or output. */
        STANDARD("standard input or output"),
        /** Nothing there yet. */
        MISSING("missing"),
        /** On an NBD server. */
        EXPORT("an NBD export"),
        /** A regular file. */
        FILE("a regular file"),
        /** In {@code /proc} and the like: read to its end, whatever its size says. */
        UNSIZED("a file of the kernel's, whose size nobody knows"),
        /** A disk, a partition, a loop device. */
        BLOCK_DEVICE("a block device"),
        /** A directory. */
        DIRECTORY("a directory"),
        /** A pipe with a name, or of a process. */
        PIPE("a pipe"),
        /** A character device. */
        CHARACTER_DEVICE("a character device"),
        /** A socket, for one. */
        OTHER("neither a file nor a block device");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }
    }

    /**
     * Looks at a path.
     *
     * @param given a path, an NBD URI, or {@code -}
     * @throws IllegalArgumentException if it cannot be looked at
     */
    public static FileId of(String given) {
        if (given.equals("-")) {
            return new FileId(given, Kind.STANDARD, "-", "", 0, EVERYBODY);
        }
        if (NbdUri.isOne(given)) {
            return new FileId(given, Kind.EXPORT, "export " + NbdUri.parse(given), "", 0, EVERYBODY);
        }
        Path path = FilePath.of(given);
        try {
            if (Files.notExists(path)) {
                return missing(given, path);
            }
            FileId found = existing(given, Files.readAttributes(path, STATUS));
            return found.kind == Kind.FILE && hasNoSize(given) ? found.as(Kind.UNSIZED) : found;
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(given + ": " + reason(unreadable), unreadable);
        }
    }

    /**
     * Looks again at a path that was a regular file or a disk. Opens nothing, as a process with too many open files could not.
     *
     * @throws IOException if it cannot be looked at, which tells nothing about what is there
     */
    public static FileId again(String given) throws IOException {
        try {
            return existing(given, Files.readAttributes(FilePath.of(given), STATUS));
        } catch (NoSuchFileException nothing) {
            return new FileId(given, Kind.MISSING, "", "", 0, EVERYBODY);
        }
    }

    private FileId as(Kind other) {
        return new FileId(given, other, key, deviceNumber, 0, mode);
    }

    /** Returns whether it is a file that is kept in memory and on no disk. */
    public boolean isInMemory() {
        try {
            return kind == Kind.FILE
                    && FILE_SYSTEMS_IN_MEMORY.contains(
                            Files.getFileStore(FilePath.of(given)).type());
        } catch (IOException unknown) {
            return false;
        }
    }

    /** Returns whether it is read as a stream, from its start to its end. */
    public boolean isStream() {
        return kind == Kind.STANDARD || kind == Kind.PIPE || kind == Kind.UNSIZED;
    }

    private static boolean hasNoSize(String given) throws IOException {
        return FILE_SYSTEMS_WITHOUT_SIZES.contains(
                Files.getFileStore(FilePath.of(given)).type());
    }

    /** Returns the reason of an I/O exception without the path, which its reader knows. */
    public static String reason(IOException failure) {
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof NoSuchFileException) {
            return "no such file";
        }
        if (failure instanceof FileAlreadyExistsException other) {
            return Objects.requireNonNullElse(other.getReason(), "something else is there already");
        }
        String why = failure instanceof FileSystemException known ? known.getReason() : failure.getMessage();
        return why != null ? why : failure.getClass().getSimpleName();
    }

    private static FileId missing(String given, Path path) throws IOException {
        Path parent = Objects.requireNonNullElse(path.toAbsolutePath().getParent(), path.toAbsolutePath());
        if (!Files.isDirectory(parent)) {
            throw new IllegalArgumentException(given + ": no such directory: " + parent);
        }
        return new FileId(
                given, Kind.MISSING, "new " + parent.toRealPath().resolve(path.getFileName()), "", 0, EVERYBODY);
    }

    private static FileId existing(String given, Map<String, Object> status) {
        int mode = (Integer) Objects.requireNonNull(status.get("mode"));
        Kind kind = kind(mode);
        if (kind == Kind.BLOCK_DEVICE) {
            String number = deviceNumber((Long) Objects.requireNonNull(status.get("rdev")));
            return new FileId(given, kind, "disk " + number, number, 0, mode & EVERYBODY);
        }
        String inode = "file " + status.get("dev") + ":" + status.get("ino");
        long bytes = kind == Kind.FILE ? (Long) Objects.requireNonNull(status.get("size")) : 0;
        return new FileId(given, kind, inode, "", bytes, mode & EVERYBODY);
    }

    private static Kind kind(int mode) {
        return switch (mode & 0xf000) {
            case 0x8000 -> Kind.FILE;
            case 0x6000 -> Kind.BLOCK_DEVICE;
            case 0x4000 -> Kind.DIRECTORY;
            case 0x2000 -> Kind.CHARACTER_DEVICE;
            case 0x1000 -> Kind.PIPE;
            default -> Kind.OTHER;
        };
    }

    /** Unpacks {@code dev_t} as glibc packs it: minor 8 low bits, major 12 bits, then the rest of both. */
    public static String deviceNumber(long dev) {
        long major = ((dev >>> 8) & 0xfff) | ((dev >>> 32) & ~0xfffL);
        long minor = (dev & 0xff) | ((dev >>> 12) & 0xffffff00L);
        return major + ":" + minor;
    }
}
