package io.dmio.app.control;

import io.dmio.app.cli.FileId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The directory where servers put their sockets, each named by the UUID of what is served.
 *
 * @param path the path of the directory, which need not be there
 * @param chosen whether the user named it, and not the environment
 */
public record RunDirectory(Path path, boolean chosen) {

    private static final Integer ROOT = 0;
    private static final String SOCKET = ".sock";
    private static final Set<PosixFilePermission> MINE_ONLY = PosixFilePermissions.fromString("rwx------");

    /**
     * Returns the usual one: {@code /run/dmio} for root; else {@code dmio} in the user's own run directory, or in the one for temporary
     * files.
     *
     * @param environment the environment of the process
     * @param user the user's name
     */
    public static RunDirectory usual(Map<String, String> environment, String user) {
        String own = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        Path directory = user.equals("root")
                ? Path.of("/run/dmio")
                : own.isEmpty() ? Path.of("/tmp/dmio-" + user) : Path.of(own, "dmio");
        return new RunDirectory(directory, false);
    }

    /**
     * Makes the directory if it is not there.
     *
     * @throws IllegalArgumentException if that cannot be done, or if others could put sockets into it
     */
    public void make() {
        try {
            if (!Files.isDirectory(path)) {
                Files.createDirectories(
                        path.toAbsolutePath().getParent() == null
                                ? path
                                : path.toAbsolutePath().getParent());
                Files.createDirectory(path, PosixFilePermissions.asFileAttribute(MINE_ONLY));
            }
        } catch (IOException cannot) {
            throw new IllegalArgumentException(path + ": cannot be made: " + FileId.reason(cannot), cannot);
        }
        if (!isTrusted()) {
            throw new IllegalArgumentException(
                    path + ": belongs to somebody else, or others may write there; name another one with --run-dir");
        }
    }

    /** Returns the socket of what has this UUID. */
    public Path socket(UUID id) {
        return path.resolve(id + SOCKET);
    }

    /** Returns all sockets that are there, even those on which nobody listens any more; none in a directory of somebody else. */
    public List<Path> sockets() {
        if (!Files.isDirectory(path) || !isTrusted()) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(path)) {
            return all.filter(file -> file.getFileName().toString().endsWith(SOCKET))
                    .sorted()
                    .toList();
        } catch (IOException unreadable) {
            return List.of();
        }
    }

    // What answers on a socket is believed, so nobody else may have put the socket there. Root believes the user to
    // whom it gave the directory, as a service manager does for a server that is not root: it is where only root could
    // have put it.
    private boolean isTrusted() {
        try {
            Object me = Files.getAttribute(Path.of("/proc/self"), "unix:uid", LinkOption.NOFOLLOW_LINKS);
            return isOf(path, me)
                    || (ROOT.equals(me)
                            && isClosed(path)
                            && isOf(path.toRealPath().resolve(".."), ROOT));
        } catch (IOException | UnsupportedOperationException unknown) {
            return false;
        }
    }

    /** Returns whether a directory belongs to a user, or to root, and nobody else may write there. */
    private static boolean isOf(Path directory, Object user) throws IOException {
        Object owner = Files.getAttribute(directory, "unix:uid");
        return isClosed(directory) && (owner.equals(user) || owner.equals(ROOT));
    }

    private static boolean isClosed(Path directory) throws IOException {
        int writableByOthers = 0022;
        return ((Integer) Files.getAttribute(directory, "unix:mode") & writableByOthers) == 0;
    }
}
