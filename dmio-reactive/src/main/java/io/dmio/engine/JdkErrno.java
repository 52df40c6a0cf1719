package io.dmio.engine;

import io.dmio.DeviceException;
import io.dmio.Errno;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Translates the JDK's failures to an errno. The JDK has types for some failures, and for others only the system's words: those of Linux,
 * macOS and Windows in English are known here. Unknown words, such as those of another language, become EIO and are kept as they are.
 */
final class JdkErrno {

    private record Words(String part, Errno errno) {}

    private static final List<Words> KNOWN = List.of(
            new Words("no space left", Errno.ENOSPC),
            new Words("not enough space on the disk", Errno.ENOSPC),
            new Words("quota", Errno.EDQUOT),
            new Words("file too large", Errno.EFBIG),
            new Words("read-only file system", Errno.EROFS),
            new Words("write protected", Errno.EROFS),
            new Words("not a directory", Errno.ENOTDIR),
            new Words("is a directory", Errno.EISDIR),
            new Words("name too long", Errno.ENAMETOOLONG),
            new Words("filename or extension is too long", Errno.ENAMETOOLONG),
            new Words("symbolic links", Errno.ELOOP),
            new Words("too many open files in system", Errno.ENFILE),
            new Words("too many open files", Errno.EMFILE),
            new Words("used by another process", Errno.EBUSY),
            new Words("locked a portion", Errno.EBUSY),
            new Words("resource busy", Errno.EBUSY),
            new Words("text file busy", Errno.ETXTBSY),
            new Words("permission denied", Errno.EACCES),
            new Words("access is denied", Errno.EACCES),
            new Words("not permitted", Errno.EPERM),
            new Words("no such file", Errno.ENOENT),
            new Words("cannot find the file", Errno.ENOENT),
            new Words("cannot find the path", Errno.ENOENT),
            new Words("no locks available", Errno.ENOLCK),
            new Words("stale", Errno.ESTALE),
            new Words("not ready", Errno.ENOMEDIUM),
            new Words("syntax is incorrect", Errno.EINVAL),
            new Words("invalid argument", Errno.EINVAL),
            new Words("not supported", Errno.EOPNOTSUPP),
            new Words("network path was not found", Errno.EHOSTUNREACH),
            new Words("network name is no longer available", Errno.EHOSTDOWN),
            new Words("cannot allocate memory", Errno.ENOMEM));

    private JdkErrno() {}

    static Errno of(IOException failure) {
        if (failure instanceof NoSuchFileException missing) {
            return isBelowAFile(missing.getFile()) ? Errno.ENOTDIR : Errno.ENOENT;
        }
        if (failure instanceof FileAlreadyExistsException) {
            return Errno.EEXIST;
        }
        if (failure instanceof AccessDeniedException) {
            return Errno.EACCES;
        }
        if (failure instanceof FileSystemLoopException) {
            return Errno.ELOOP;
        }
        if (failure instanceof NotDirectoryException) {
            return Errno.ENOTDIR;
        }
        String said = said(failure).toLowerCase(Locale.ROOT);
        return KNOWN.stream()
                .filter(words -> said.contains(words.part))
                .findFirst()
                .map(Words::errno)
                .orElse(Errno.EIO);
    }

    // From version 21 on, the JDK does not tell these apart.
    private static boolean isBelowAFile(@Nullable String path) {
        Path above = path == null ? null : Path.of(path).getParent();
        while (above != null && !Files.exists(above)) {
            above = above.getParent();
        }
        return above != null && !Files.isDirectory(above);
    }

    /** Returns a phrase for people. */
    static String words(IOException failure) {
        Errno errno = of(failure);
        String said = said(failure);
        return errno == Errno.EIO && !said.isEmpty() ? errno.meaning() + ": " + said : errno.meaning();
    }

    /** Returns a failure outside operations. */
    static DeviceException failure(String name, String what, IOException failure) {
        return DeviceException.of(of(failure), name, what + ": " + words(failure));
    }

    private static String said(IOException failure) {
        String said = failure instanceof FileSystemException named ? named.getReason() : failure.getMessage();
        return said == null ? "" : said;
    }
}
