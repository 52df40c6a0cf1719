package io.dmio.engine;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.Extent;
import io.dmio.Extent.Kind;
import io.dmio.Sectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Asks the file system where a file has holes. What the file system does not know counts as data, and so does what lies past the end of a
 * file that was truncated while open.
 */
final class FileExtents {

    private static final int EXTENTS_MAX = 1024; // in one call; for more, the caller asks again

    private final DescriptorFile file;
    private final long end;
    private final List<Extent> found = new ArrayList<>();
    private long at; // in bytes, like all offsets here

    private FileExtents(DescriptorFile file, long sector, long count) {
        this.file = file;
        this.at = Sectors.toBytes(sector);
        this.end = Sectors.toBytes(sector + count);
    }

    /** Returns the extents of a range. Blocks for as long as the file system takes to look; the caller has entered the file's gate. */
    static List<Extent> of(DescriptorFile file, long sector, long count) {
        Optional<DeviceException> refused = file.info().extentsRefusal(sector, count);
        if (refused.isPresent()) {
            throw refused.get();
        }
        FileExtents extents = new FileExtents(file, sector, count);
        while (extents.at < extents.end && extents.found.size() < EXTENTS_MAX) {
            extents.next();
        }
        return extents.found;
    }

    private void next() {
        long data = LibC.lseek(file.fd(), at, LibC.SEEK_DATA);
        if (data < 0 && data != -Errno.ENXIO.number()) {
            add(Kind.DATA, end); // a file system without holes, or a disk
            return;
        }
        long fileEnd = LibC.lseek(file.fd(), 0, LibC.SEEK_END); // asked last: what was cut off is no hole
        long zeroes = data < 0 ? fileEnd : Math.min(data, fileEnd);
        if (zeroes / Sectors.BYTES > at / Sectors.BYTES) {
            add(Kind.HOLE, zeroes / Sectors.BYTES * Sectors.BYTES);
        } else if (data < 0 || data >= fileEnd) {
            add(Kind.DATA, end); // the file was truncated while open: a read says so, a hole would hide it
        } else {
            long hole = LibC.lseek(file.fd(), data, LibC.SEEK_HOLE);
            long whole = (hole + Sectors.BYTES - 1) / Sectors.BYTES * Sectors.BYTES;
            add(Kind.DATA, whole <= at ? end : whole);
        }
    }

    private void add(Kind kind, long to) {
        long stop = Math.min(to, end);
        int last = found.size() - 1;
        if (last >= 0 && found.get(last).kind() == kind) {
            long first = found.get(last).sector();
            found.set(last, new Extent(first, stop / Sectors.BYTES - first, kind));
        } else {
            found.add(new Extent(at / Sectors.BYTES, (stop - at) / Sectors.BYTES, kind));
        }
        at = stop;
    }
}
