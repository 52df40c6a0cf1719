package io.dmio.engine;

import io.dmio.BlockDevice;
import java.nio.file.Path;
import java.util.Objects;
import reactor.core.publisher.Mono;

/**
 * One blocking system call per operation, on threads named {@code dmio-posix-N}, a bounded number for each file system or disk.
 */
final class PosixEngine implements IoEngine {

    static final String NAME = "posix";

    private final DeviceThreads threads;
    private final OpenFiles files;

    PosixEngine(int threadsMax) {
        this(new DeviceThreads("dmio-posix", threadsMax));
    }

    /** On threads of these. */
    PosixEngine(DeviceThreads threads) {
        this.threads = threads;
        this.files = new OpenFiles(NAME, threads);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Mono<BlockDevice> open(Path path, OpenOptions options) {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(options, "options");
        return files.open(new FileOpener(path, options), file -> file.blocking()::execute);
    }

    @Override
    public Mono<Void> close() {
        return files.closeAll().doOnSuccess(done -> threads.end());
    }
}
