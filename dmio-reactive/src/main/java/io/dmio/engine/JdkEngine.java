package io.dmio.engine;

import io.dmio.BlockDevice;
import java.nio.file.Path;
import java.util.Objects;
import reactor.core.publisher.Mono;

/**
 * One blocking call of a {@link java.nio.channels.FileChannel} for each part of an operation's memory, on threads named
 * {@code dmio-jdk-N}, a bounded number for each file system. Runs wherever a JDK does, without native access.
 */
final class JdkEngine implements IoEngine {

    static final String NAME = "jdk";

    private final DeviceThreads threads;
    private final OpenFiles files;

    JdkEngine(int threadsMax) {
        this.threads = new DeviceThreads(ChannelThread.factory("dmio-jdk"), threadsMax);
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
        return files.open(new ChannelOpener(path, options), file -> file.blocking()::execute);
    }

    @Override
    public Mono<Void> close() {
        return files.closeAll().doOnSuccess(done -> threads.end());
    }
}
