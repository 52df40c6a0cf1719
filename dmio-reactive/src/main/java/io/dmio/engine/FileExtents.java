package io.dmio.engine;

import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Extent;
import io.dmio.Extent.Kind;
import io.dmio.Sectors;
import java.util.ArrayList;
import java.util.List;

/** Asks the file system where a file has holes; what it does not know holds data. */
final class FileExtents {

    private static final int EXTENTS_MAX = 1024; // of one call; who wants more asks again

    private final OpenFile file;
    private final long end;
    private final List<Extent> found = new ArrayList<>();
    private long at; // bytes, as all here

    private FileExtents(OpenFile file, long sector, long count) {
        this.file = file;
        this.at = Sectors.toBytes(sector);
        this.end = Sectors.toBytes(sector + count);
    }

    /** Blocks for as long as the file system takes to look; the file's gate is entered. */
    static List<Extent> of(OpenFile file, long sector, long count) {
        DeviceInfo info = file.info();
        if (sector < 0 || count < 1 || Sectors.end(sector, count) > info.sectorCount()) {
            throw DeviceException.of(Errno.EINVAL, info.name(), "no extents of " + count + " sectors from " + sector);
        }
        FileExtents extents = new FileExtents(file, sector, count);
        while (extents.at < extents.end && extents.found.size() < EXTENTS_MAX) {
            extents.next();
        }
        return extents.found;
    }

    private void next() {
        long data = LibC.lseek(file.fd(), at, LibC.SEEK_DATA);
        if (data == -Errno.ENXIO.number()) {
            add(Kind.HOLE, end); // nothing but a hole up to the file's end
        } else if (data < 0) {
            add(Kind.DATA, end); // a file system without holes
        } else if (data / Sectors.BYTES > at / Sectors.BYTES) {
            add(Kind.HOLE, data / Sectors.BYTES * Sectors.BYTES);
        } else {
            long hole = LibC.lseek(file.fd(), at, LibC.SEEK_HOLE);
            long whole = (hole + Sectors.BYTES - 1) / Sectors.BYTES * Sectors.BYTES;
            add(Kind.DATA, whole <= at ? end : whole);
        }
    }

    private void add(Kind kind, long to) {
        long stop = Math.min(to, end);
        found.add(new Extent(at / Sectors.BYTES, (stop - at) / Sectors.BYTES, kind));
        at = stop;
    }
}
