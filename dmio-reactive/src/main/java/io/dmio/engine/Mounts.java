package io.dmio.engine;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Finds out on which file system a path seems to be without touching the path: a call on a file system that hangs hangs, too. A link may lead
 * elsewhere, so the result decides only which threads are to find out.
 */
final class Mounts {

    private static final Path OF_THIS_PROCESS = Path.of("/proc/self/mountinfo");
    private static final String UNKNOWN = "unknown";

    private final List<String> lines;

    /** See proc_pid_mountinfo(5): the third word of a line is {@code major:minor}, the fifth where it is mounted. */
    Mounts(List<String> lines) {
        this.lines = lines;
    }

    /** Returns the current mounts; none if the kernel does not tell. Asks no file system but proc. */
    static Mounts now() {
        try {
            return new Mounts(Files.readAllLines(OF_THIS_PROCESS, Charset.defaultCharset()));
        } catch (IOException | RuntimeException untold) { // such as a name that the locale cannot read
            return new Mounts(List.of());
        }
    }

    /** Returns the file system, as {@code major:minor}, whose mount point is the nearest above a path, or the path itself. */
    String of(Path path) {
        Path whole = path.toAbsolutePath().normalize();
        String nearest = UNKNOWN;
        int depth = -1;
        for (String line : lines) {
            String[] words = line.split(" ", 6);
            Path at = words.length < 6 ? null : mounted(words[4]);
            if (at != null
                    && whole.startsWith(at)
                    && at.getNameCount() >= depth) { // of equal mount points the last is on top
                depth = at.getNameCount();
                nearest = words[2];
            }
        }
        return nearest;
    }

    // Blanks and backslashes are written as three octal digits.
    private static Path mounted(String escaped) {
        StringBuilder name = new StringBuilder();
        for (int at = 0; at < escaped.length(); at++) {
            char c = escaped.charAt(at);
            if (c == '\\' && at + 3 < escaped.length()) {
                name.append((char) Integer.parseInt(escaped, at + 1, at + 4, 8));
                at += 3;
            } else {
                name.append(c);
            }
        }
        return Path.of(name.toString());
    }
}
