package io.dmio.engine;

import java.nio.file.Path;

/**
 * An engine that makes one blocking system call per operation, on threads named {@code dmio-posix-N}, a bounded number for each file system
 * or disk.
 */
final class PosixEngine extends BlockingEngine {

    static final String NAME = "posix";

    PosixEngine(int threadsMax) {
        this(new DeviceThreads("dmio-posix", threadsMax));
    }

    /** Creates an engine on the given threads. */
    PosixEngine(DeviceThreads threads) {
        super(NAME, threads);
    }

    @Override
    Opener opener(Path path, OpenOptions options) {
        return new FileOpener(path, options);
    }
}
