package io.dmio.engine;

import java.nio.file.Path;
import org.junit.jupiter.api.Nested;

/** The uring engine's files: on the disk's file system and on tmpfs, through the page cache and past it. */
class UringFileTest {

    private static final Path DISK = Path.of(System.getProperty("java.io.tmpdir"));
    private static final Path MEMORY = Path.of("/dev/shm");

    @Nested
    class BufferedOnDisk extends FileContract {
        BufferedOnDisk() {
            super(UringHere.shared(), DISK, false);
        }
    }

    @Nested
    class DirectOnDisk extends FileContract {
        DirectOnDisk() {
            super(UringHere.shared(), DISK, true);
        }
    }

    @Nested
    class BufferedInMemory extends FileContract {
        BufferedInMemory() {
            super(UringHere.shared(), MEMORY, false);
        }
    }

    @Nested
    class DirectInMemory extends FileContract {
        DirectInMemory() {
            super(UringHere.shared(), MEMORY, true);
        }
    }
}
