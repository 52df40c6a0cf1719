package io.dmio.engine;

import io.dmio.BlockDevice;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Executor;
import reactor.core.publisher.Mono;

/** An engine that makes blocking calls, on a bounded number of threads for each file system or disk. */
abstract class BlockingEngine implements IoEngine {

    private final String name;
    private final DeviceThreads threads;
    private final OpenFiles files;

    BlockingEngine(String name, DeviceThreads threads) {
        this.name = name;
        this.threads = threads;
        this.files = new OpenFiles(name, threads);
    }

    /** Returns what opens a file by the calls of this engine. */
    abstract Opener opener(Path path, OpenOptions options);

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final Mono<BlockDevice> open(Path path, OpenOptions options) {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(options, "options");
        return files.open(opener(path, options), this::pathOf);
    }

    private SubmissionPath pathOf(OpenFile file) {
        Executor on = file.quirks().inMemory ? threads.copying() : file.blocking();
        return on::execute;
    }

    @Override
    public final Mono<Void> close() {
        return files.closeAll().doOnSuccess(done -> threads.end());
    }
}
