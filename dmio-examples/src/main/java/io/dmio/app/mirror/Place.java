package io.dmio.app.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.app.cli.FileId;
import io.dmio.nbd.NbdUri;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** The place of a leg: two names may stand for one place. */
final class Place {

    private static final int NAME_BYTES = 40; // the last bytes of a name, which legs keep of each other
    private static final int CHARACTER_BYTES_MAX = 4; // in UTF-8

    private Place() {}

    /** Returns whether two names stand for one file, disk or export; false if either cannot be looked at. */
    static boolean isSame(String one, String other) {
        if (one.equals(other)) {
            return true;
        }
        try {
            return FileId.of(one).key().equals(FileId.of(other).key());
        } catch (IllegalArgumentException nowhere) {
            return false;
        }
    }

    /** Returns whether something can be found there; an export counts, as only connecting tells. */
    static boolean exists(String leg) {
        try {
            return FileId.of(leg).kind() != FileId.Kind.MISSING;
        } catch (IllegalArgumentException unreadable) {
            return false;
        }
    }

    /**
     * Opens what is there.
     *
     * @param opening what to do; a device that somebody else has is refused, and not absent
     * @return why it cannot be used; empty if it was opened
     */
    static String whyAbsent(String leg, Runnable opening) {
        try {
            if (FileId.of(leg).kind() == FileId.Kind.MISSING) {
                return "no such file";
            }
            opening.run();
            return "";
        } catch (IllegalArgumentException unreadable) {
            String why = String.valueOf(unreadable.getMessage());
            return why.startsWith(leg + ": ") ? why.substring(leg.length() + 2) : why;
        } catch (DeviceException failed) {
            if (failed.errno() == Errno.EBUSY) {
                throw failed;
            }
            return failed.errno() + ": " + failed.detail();
        }
    }

    /** Returns a name that means the same in every directory. What is before a {@code ..} may be a link, so these stay. */
    static String absolute(String leg) {
        if (NbdUri.isOne(leg) || leg.equals("-")) {
            return leg;
        }
        String full = leg.startsWith("/") ? leg : System.getProperty("user.dir") + "/" + leg;
        try {
            Path whole = Path.of("/");
            for (Path name : Path.of(full)) {
                whole = name.toString().equals(".") ? whole : whole.resolve(name);
            }
            return whole.toString();
        } catch (InvalidPathException ofBytes) { // of no character set
            return full;
        }
    }

    /** Whether a leg that was seen last under a name, of which only the end is kept, may be the one that is given. */
    static boolean mayBe(String given, String seen) {
        String absolute = absolute(given);
        return !seen.isEmpty()
                && (absolute.equals(seen)
                        || seen.endsWith("/" + given)
                        || absolute.endsWith(seen.startsWith("/") ? seen : "/" + seen)
                        || (isCut(seen) && absolute.endsWith(seen)));
    }

    // Whole characters are left out.
    private static boolean isCut(String seen) {
        return seen.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES - CHARACTER_BYTES_MAX;
    }
}
