package io.dmio.app.demo;

import io.dmio.app.cli.FileId;
import io.dmio.app.cli.FilePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The real file that a demo mirrors.
 *
 * @param file the file
 * @param fileBytes its whole length
 * @param bytes how much of it is taken, from its start
 */
record DemoInput(Path file, long fileBytes, long bytes) {

    private static final long BYTES_MAX = 256L << 20;

    /**
     * Takes a file.
     *
     * @param given the user's file, or empty for the largest of some that a JDK brings along
     * @param room how much fits on a leg
     * @throws IllegalArgumentException if there is nothing to mirror, or no room
     */
    static DemoInput of(String given, long room) {
        Path file = given.isEmpty() ? found() : required(FileId.of(given));
        long all = length(file);
        if (all == 0) {
            throw new IllegalArgumentException(file + ": is empty, there is nothing to mirror");
        }
        long most = Math.min(BYTES_MAX, room) >> 20 << 20;
        if (all > most && most == 0) {
            throw new IllegalArgumentException("no room for the legs: set TMPDIR to a directory with more free space");
        }
        return new DemoInput(file, all, Math.min(all, most == 0 ? all : most));
    }

    private static Path required(FileId id) {
        return switch (id.kind()) {
            case FILE -> FilePath.of(id.given());
            case MISSING -> throw new IllegalArgumentException(id.given() + ": no such file");
            default ->
                throw new IllegalArgumentException(
                        id.given() + ": is " + id.kind().words() + "; the demo mirrors a regular file");
        };
    }

    private static Path found() {
        Path home = Path.of(System.getProperty("java.home"));
        List<Path> candidates = new ArrayList<>(
                List.of(home.resolve("lib/modules"), home.resolve("lib/server/libjvm.so"), Path.of("/proc/self/exe")));
        return candidates.stream()
                .filter(Files::isReadable)
                .max(Comparator.comparingLong(DemoInput::length))
                .orElseThrow(() -> new IllegalArgumentException("no file to mirror was found: name one"));
    }

    private static long length(Path file) {
        try {
            return Files.size(file);
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(file + ": " + FileId.reason(unreadable), unreadable);
        }
    }
}
