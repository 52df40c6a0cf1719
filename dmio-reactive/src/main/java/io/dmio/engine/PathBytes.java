package io.dmio.engine;

import io.dmio.PagePool;
import io.netty.buffer.ByteBuf;
import java.nio.file.Path;

/**
 * A path as the kernel takes it: the bytes of its name, whatever they mean in the locale of the process. {@link Path#toString} is no
 * substitute: it replaces what the locale cannot read, and does not tell which file system the path belongs to.
 */
final class PathBytes {

    private PathBytes() {}

    /**
     * Refuses a path that is not of the kernel's own file systems, such as one inside an archive.
     *
     * @throws IllegalArgumentException for such a path
     */
    static void require(Path path) {
        String scheme = path.getFileSystem().provider().getScheme();
        if (!scheme.equalsIgnoreCase("file")) {
            throw new IllegalArgumentException(path + " is a path of a '" + scheme
                    + "' file system; only files that the kernel knows can be opened as devices");
        }
    }

    /**
     * Returns the bytes of the absolute path, followed by a NUL. Looks at the file, so it blocks.
     *
     * @return native memory, to be released by the caller
     */
    static ByteBuf of(Path path) {
        // The only form in which the JDK reveals the bytes: each that is not a plain letter is %XX.
        String uri = path.toUri().getRawPath();
        ByteBuf bytes = PagePool.shared().allocate(uri.length() + 1);
        int end = 0;
        for (int at = 0; at < uri.length(); at++) {
            char c = uri.charAt(at);
            if (c == '%') {
                bytes.setByte(end++, Integer.parseInt(uri, at + 1, at + 3, 16));
                at += 2;
            } else {
                bytes.setByte(end++, c);
            }
        }
        return bytes.setByte(end, 0);
    }
}
