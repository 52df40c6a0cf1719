package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.Errno;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the JDK's exceptions mean, on the systems that it runs on. */
class JdkErrnoTest {

    static Stream<Arguments> types() {
        return Stream.of(
                Arguments.of(new NoSuchFileException("x"), Errno.ENOENT),
                Arguments.of(new FileAlreadyExistsException("x"), Errno.EEXIST),
                Arguments.of(new AccessDeniedException("x"), Errno.EACCES),
                Arguments.of(new FileSystemLoopException("x"), Errno.ELOOP),
                Arguments.of(new NotDirectoryException("x"), Errno.ENOTDIR));
    }

    @ParameterizedTest
    @MethodSource("types")
    void anExceptionWithATypeIsItsErrno(IOException failure, Errno errno) {
        assertThat(JdkErrno.of(failure)).isEqualTo(errno);
        assertThat(JdkErrno.words(failure)).isEqualTo(errno.meaning());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    # Linux
                    No space left on device | ENOSPC
                    File too large | EFBIG
                    Read-only file system | EROFS
                    Not a directory | ENOTDIR
                    File name too long | ENAMETOOLONG
                    Too many levels of symbolic links | ELOOP
                    Too many open files | EMFILE
                    Too many open files in system | ENFILE
                    Disk quota exceeded | EDQUOT
                    Operation not permitted | EPERM
                    Permission denied | EACCES
                    Stale file handle | ESTALE
                    No locks available | ENOLCK
                    Input/output error | EIO
                    # macOS
                    Resource busy | EBUSY
                    Operation not supported | EOPNOTSUPP
                    # Windows
                    There is not enough space on the disk | ENOSPC
                    The process cannot access the file because it is being used by another process | EBUSY
                    The process cannot access the file because another process has locked a portion of the file | EBUSY
                    The filename, directory name, or volume label syntax is incorrect | EINVAL
                    The system cannot find the path specified | ENOENT
                    The media is write protected | EROFS
                    The device is not ready | ENOMEDIUM
                    The network path was not found | EHOSTUNREACH
                    """)
    void theWordsOfEachSystemAreKnown(String said, Errno errno) {
        assertThat(JdkErrno.of(new FileSystemException("x", null, said))).isEqualTo(errno);
        assertThat(JdkErrno.of(new IOException(said))).isEqualTo(errno);
    }

    @Test
    void whatIsNotKnownIsSaidAsItCame() {
        assertThat(JdkErrno.failure("x", "cannot be opened", new IOException("Kein Speicherplatz mehr")))
                .hasMessage("EIO: x: cannot be opened: the device failed: Kein Speicherplatz mehr");
        assertThat(JdkErrno.words(new IOException())).isEqualTo("the device failed");
    }
}
