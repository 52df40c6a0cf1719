package io.dmio.engine;

import io.dmio.BlockDevice;
import java.nio.file.Path;
import reactor.core.publisher.Mono;

/** An engine of the whole process, which {@link IoEngines#closeShared()} alone closes; its threads are daemons. */
record SharedEngine(IoEngine engine) implements IoEngine {

    @Override
    public String name() {
        return engine.name();
    }

    @Override
    public Mono<BlockDevice> open(Path path, OpenOptions options) {
        return engine.open(path, options);
    }

    @Override
    public Mono<Void> close() {
        return Mono.empty();
    }
}
