package io.dmio.engine;

import io.dmio.BlockDevice;
import java.nio.file.Path;
import java.util.Objects;
import reactor.core.publisher.Mono;

/** One blocking system call per operation, on a bounded number of threads named {@code dmio-posix-N}. */
final class PosixEngine implements IoEngine {

    static final String NAME = "posix";

    private final BlockingThreads threads;
    private final OpenFiles files;

    PosixEngine(int threadsMax) {
        this.threads = new BlockingThreads("dmio-posix", threadsMax);
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
        return files.open(path, options, file -> threads::execute);
    }

    @Override
    public Mono<Void> close() {
        return files.closeAll().doOnSuccess(done -> threads.end());
    }
}
