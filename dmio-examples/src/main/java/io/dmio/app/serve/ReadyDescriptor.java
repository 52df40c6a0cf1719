package io.dmio.app.serve;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file descriptor that the process was started with, to which the server writes that it is ready. It is written as it is, and never
 * reopened by its path: that would write to the start of a log, or to what the JVM itself has open under a number that the caller forgot to
 * open.
 */
final class ReadyDescriptor {

    private static final int ACCESS_MODE = 3;
    private static final int READ_ONLY = 0;

    private final int number;

    private ReadyDescriptor(int number) {
        this.number = number;
    }

    /**
     * Checks that it can be written. To be called before anything is opened: what the JVM has open by then is open only for reading.
     *
     * @throws IllegalArgumentException if it is not open for writing
     */
    static ReadyDescriptor of(int number) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo", Integer.toString(number)))) {
                if (line.startsWith("flags:")) {
                    int flags = Integer.parseInt(
                            line.substring(line.indexOf(':') + 1).strip(), 8);
                    if ((flags & ACCESS_MODE) != READ_ONLY) {
                        return new ReadyDescriptor(number);
                    }
                }
            }
        } catch (IOException closed) {
            // as one that cannot be written
        }
        throw new IllegalArgumentException(
                "--ready-fd " + number + ": is not open for writing; open it where the server is"
                        + " started, as in: dmio serve --ready-fd " + number + " disk.img " + number + ">ready");
    }

    /** Writes a line. */
    void tell(String line) {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        if (CLibrary.Stub.CALLS.write(number, bytes, bytes.length) != bytes.length) {
            throw new IllegalArgumentException("--ready-fd " + number + ": cannot be written any more");
        }
    }
}
