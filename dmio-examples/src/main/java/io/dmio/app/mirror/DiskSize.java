package io.dmio.app.mirror;

import io.dmio.Sectors;
import io.dmio.app.cli.FileId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How large the kernel says that a disk is, which is not opened for that. */
final class DiskSize {

    private DiskSize() {}

    /** Its bytes; 0 if nobody says. */
    static long bytes(FileId disk) {
        try {
            String sectors = Files.readString(Path.of("/sys/dev/block", disk.deviceNumber(), "size"));
            return Sectors.toBytes(Long.parseLong(sectors.strip()));
        } catch (IOException | NumberFormatException untold) {
            return 0;
        }
    }
}
