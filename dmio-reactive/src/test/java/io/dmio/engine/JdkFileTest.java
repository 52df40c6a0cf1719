package io.dmio.engine;

import java.nio.file.Path;
import org.junit.jupiter.api.Nested;

/** The jdk engine's files: on the disk's file system and on tmpfs, through the page cache. */
class JdkFileTest {

    @Nested
    class BufferedOnDisk extends FileContract {
        BufferedOnDisk() {
            super(IoEngines.jdk(), Path.of(System.getProperty("java.io.tmpdir")), false);
        }
    }

    @Nested
    class BufferedInMemory extends FileContract {
        BufferedInMemory() {
            super(IoEngines.jdk(), Path.of("/dev/shm"), false);
        }
    }
}
