package io.dmio.app.mirror;

import io.dmio.app.cli.FileId;
import io.dmio.nbd.NbdUri;
import java.nio.file.Path;

/** Where a leg is: two names may be of one place. */
final class Place {

    private Place() {}

    /** Whether two names stand for one file, disk or export; false if either cannot be looked at. */
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

    /** A name that means the same in every directory. */
    static String absolute(String leg) {
        return NbdUri.isOne(leg) || leg.equals("-")
                ? leg
                : Path.of(leg).toAbsolutePath().normalize().toString();
    }

    /** Whether a leg that was seen last under a name, of which only the end is kept, may be the one that is given. */
    static boolean mayBe(String given, String seen) {
        return !seen.isEmpty() && (absolute(given).endsWith(seen) || seen.endsWith(given));
    }
}
