package io.dmio.app.mirror;

import io.dmio.Sectors;
import io.dmio.app.cli.FileId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Asks the kernel for the size of a disk, without opening it. */
final class DiskSize {

    private DiskSize() {}

    /** Returns the disk's bytes; 0 if unknown. */
    static long bytes(FileId disk) {
        try {
            String sectors = Files.readString(Path.of("/sys/dev/block", disk.deviceNumber(), "size"));
            return Sectors.toBytes(Long.parseLong(sectors.strip()));
        } catch (IOException | NumberFormatException untold) {
            return 0;
        }
    }
}
